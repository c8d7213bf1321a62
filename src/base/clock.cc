#include "base/clock.h"

#include <ctime>

namespace base {

namespace {

std::int64_t ReadMicros(clockid_t id) {
  timespec ts{};
  clock_gettime(id, &ts);
  return static_cast<std::int64_t>(ts.tv_sec) * 1'000'000 + ts.tv_nsec / 1'000;
}

}  // namespace

Time SystemClock::Now() const { return Time(milliseconds(ReadMicros(CLOCK_REALTIME) / 1'000)); }

milliseconds SystemClock::SinceBoot() const {
  return milliseconds(ReadMicros(CLOCK_BOOTTIME) / 1'000);
}

std::int64_t MonotonicMicros() { return ReadMicros(CLOCK_MONOTONIC); }

}  // namespace base
