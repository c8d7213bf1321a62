// Time comes through an interface, so that tests need no sleep. Implementations are thread-safe.
#pragma once

#include <chrono>
#include <cstdint>

namespace base {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Wall time, Unix milliseconds: what is stored and what travels.
using Time = std::chrono::sys_time<milliseconds>;

inline constexpr std::int64_t ToUnixMillis(Time t) { return t.time_since_epoch().count(); }
inline constexpr std::int64_t ToUnixSeconds(Time t) {
  return std::chrono::floor<seconds>(t).time_since_epoch().count();
}
inline constexpr Time FromUnixMillis(std::int64_t ms) { return Time(milliseconds(ms)); }

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time Now() const = 0;
  // Milliseconds since boot, suspended time included (CLOCK_BOOTTIME): never set back, the same for
  // every process of the machine. Deadlines and poll times are measured by it.
  virtual milliseconds SinceBoot() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time Now() const override;
  milliseconds SinceBoot() const override;
};

// CLOCK_MONOTONIC in microseconds, for durations.
std::int64_t MonotonicMicros();

}  // namespace base
