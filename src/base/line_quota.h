// How many lines of a kind the log gets where strangers decide how often it happens: what is at hand at once, then one
// a second, each with the number of those left out since the last. Not thread-safe; one a process and kind.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/clock.h"

namespace base {

class LineQuota {
 public:
  static constexpr std::int64_t kAtOnce = 20;
  static constexpr seconds kEach{1};

  // nullopt: no line now. Else write it, with the count of those left out.
  std::optional<std::uint64_t> Take(Time now) {
    const std::int64_t earned = std::max<std::int64_t>((now - counted_until_) / kEach, 0);
    if (earned > 0 || counted_until_ > now) counted_until_ = now;
    left_ = std::min(left_ + std::min(earned, kAtOnce), kAtOnce);
    if (left_ == 0) {
      ++left_out_;
      return std::nullopt;
    }
    --left_;
    return std::exchange(left_out_, 0);
  }

 private:
  Time counted_until_;
  std::int64_t left_ = 0;  // the first look earns all
  std::uint64_t left_out_ = 0;
};

}  // namespace base
