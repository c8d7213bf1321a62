#include "wire/pending_records.h"

#include <utility>

namespace wire {

namespace {

// Those of whom nothing waits keep their place, so that a count costs no allocation.
constexpr std::size_t kMostIdleTenants = 4096;

}  // namespace

void PendingRecords::Add(std::string_view entry_bytes, base::milliseconds deadline,
                         records::OrganizationId tenant, Done done) {
  entries_.push_back({std::string(entry_bytes), deadline, tenant, std::move(done)});
  ++waiting_;
  ++waiting_of_[tenant];
}

std::optional<PendingRecords::Done> PendingRecords::Take(std::uint64_t correlation) {
  if (correlation < first_ || correlation >= next_correlation()) return std::nullopt;
  Entry& entry = entries_[correlation - first_];
  if (!entry.done) return std::nullopt;
  Done done = std::exchange(entry.done, nullptr);
  std::string().swap(entry.bytes);
  --waiting_;
  --waiting_of_[entry.tenant];
  if (waiting_ == 0 && waiting_of_.size() > kMostIdleTenants) waiting_of_.clear();
  while (!entries_.empty() && !entries_.front().done) {
    entries_.pop_front();
    ++first_;
  }
  MarkUnsentFrom(next_unsent_);
  return done;
}

std::size_t PendingRecords::CountOf(records::OrganizationId tenant) const {
  const auto of = waiting_of_.find(tenant);
  return of == waiting_of_.end() ? 0 : of->second;
}

std::optional<PendingRecords::Done> PendingRecords::TakeExpired(base::milliseconds now) {
  if (entries_.empty() || entries_.front().deadline > now) return std::nullopt;
  return Take(first_);
}

std::string_view PendingRecords::FirstUnsent() {
  while (next_unsent_ < next_correlation()) {
    const Entry& entry = entries_[next_unsent_ - first_];
    if (entry.done) return entry.bytes;
    ++next_unsent_;
  }
  return {};
}

std::optional<base::milliseconds> PendingRecords::FirstDeadline() const {
  if (entries_.empty()) return std::nullopt;
  return entries_.front().deadline;
}

}  // namespace wire
