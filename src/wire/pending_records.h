// The records a client waits for, oldest first: each kept as bytes until it is answered or its
// deadline passed, so that it can be sent again. All records of a client have the same time to
// live, so the order of sending is the order of deadlines. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/id.h"
#include "records/writes.h"

namespace wire {

class PendingRecords {
 public:
  using Done = std::function<void(const records::WriteResult&)>;

  // The number the next record will have: its correlation on the wire.
  std::uint64_t next_correlation() const { return first_ + entries_.size(); }
  // `done` must not be empty; deadlines never fall.
  void Add(std::string_view entry_bytes, base::milliseconds deadline,
           records::OrganizationId tenant, Done done);
  // The record was answered: gives `done` back; nullopt if nobody waits for it any more.
  std::optional<Done> Take(std::uint64_t correlation);
  // As Take, for the oldest record whose deadline has passed.
  std::optional<Done> TakeExpired(base::milliseconds now);

  // The oldest record not sent on this connection, as AppendRecordEntry wrote it; empty: all are
  // sent. Valid until the next call that changes anything.
  std::string_view FirstUnsent();
  void MarkSent() { ++next_unsent_; }  // the one FirstUnsent gave
  std::uint64_t unsent_from() const { return next_unsent_; }
  // The record `correlation` and all younger ones are to be sent again; 0: all.
  void MarkUnsentFrom(std::uint64_t correlation) { next_unsent_ = std::max(correlation, first_); }

  std::size_t size() const { return waiting_; }
  // How many of them are of this organization.
  std::size_t CountOf(records::OrganizationId tenant) const;
  std::optional<base::milliseconds> FirstDeadline() const;

 private:
  struct Entry {
    std::string bytes;
    base::milliseconds deadline{0};
    records::OrganizationId tenant;
    Done done;  // empty: answered
  };

  // entries_[i] has correlation first_ + i; the front one is always waiting.
  std::deque<Entry> entries_;
  std::uint64_t first_ = 1;
  std::uint64_t next_unsent_ = 1;
  std::size_t waiting_ = 0;
  std::unordered_map<records::OrganizationId, std::size_t, base::IdHash> waiting_of_;
};

}  // namespace wire
