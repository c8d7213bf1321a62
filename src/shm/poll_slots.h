// The last accepted poll and the interval of each device code (RFC 8628 §3.5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/siphash.h"
#include "domain/ports/poll_table.h"

namespace shm {

// Over words of shared memory, which must outlive it; zeros are an empty table. Thread-safe and
// process-safe. Nothing fails: where a bucket is full its oldest entry goes, and the device code
// that lost it polls as if for the first time.
class PollSlots final : public domain::PollTable {
 public:
  static constexpr std::size_t kSlotsPerBucket = 8;  // 64 bytes, a cache line

  // words.size(): a power of two, at least kSlotsPerBucket. Tables with different keys (one a
  // boot) do not see each other's entries.
  PollSlots(std::span<std::uint64_t> words, base::SipKey key) : words_(words), key_(key) {}

  // An `initial_interval` outside 1 to 60 s counts as the nearer of these.
  Verdict Poll(records::DeviceCodeId id, base::seconds initial_interval,
               base::milliseconds now_since_boot) override;

 private:
  std::span<std::uint64_t> words_;
  base::SipKey key_;
};

}  // namespace shm
