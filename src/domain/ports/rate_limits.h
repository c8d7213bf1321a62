// Counters of what is bounded.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "domain/limit_keys.h"

namespace domain {

// Bounded counting of events by key over a window, in memory shared by all pools. Each purpose has
// room of its own; where that is full some refuse and some let pass (shm/shared_table.cc).
// Thread-safe and process-safe.
class RateLimits {
 public:
  virtual ~RateLimits() = default;
  // Counts one event. false: `limit` events were counted in the window before it, or there is no room
  // to count it and the purpose is one that refuses then.
  virtual bool Take(const LimitKey& key, std::uint32_t limit, base::seconds window,
                    base::milliseconds now_since_boot) = 0;
  // Events counted in the current window, without counting one; kNoRoom where Take would refuse for
  // want of room: a caller that compares with its limit before it acts must come to the same answer,
  // or a full table would switch every limit off.
  static constexpr std::uint32_t kNoRoom = UINT32_MAX;
  virtual std::uint32_t Count(const LimitKey& key, base::milliseconds now_since_boot) = 0;
  // What is left of the current window, at least a second: when Take may go otherwise.
  virtual base::seconds Left(const LimitKey& key, base::milliseconds now_since_boot) = 0;
};

}  // namespace domain
