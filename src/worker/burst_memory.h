// Gives back to the kernel what a burst left in the heap: thousands of requests parked at once grow it by
// tens of megabytes, and malloc keeps them. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/clock.h"

namespace worker {

class BurstMemory {
 public:
  // `release` frees it: malloc_trim(3), which walks the whole heap (milliseconds).
  explicit BurstMemory(void (*release)()) : release_(release) {}

  // At the end of a turn; `parked` requests wait for the writer. Releases when a burst has ebbed to an
  // eighth, at most every kPause.
  void TurnEnded(std::size_t parked, base::milliseconds now) {
    peak_ = std::max(peak_, parked);
    if (peak_ < kBurst || parked > peak_ / 8 || now < again_at_) return;
    peak_ = parked;
    again_at_ = now + kPause;
    release_();
  }

 private:
  static constexpr std::size_t kBurst = 512;
  static constexpr base::milliseconds kPause{1000};

  void (*release_)();
  std::size_t peak_ = 0;
  base::milliseconds again_at_{0};  // since boot
};

}  // namespace worker
