// Bounded counting of events by key, and texts that are used once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "domain/ports/rate_limits.h"
#include "domain/ports/used_texts.h"

namespace shm {

// What to do with a key there is no room for, because its bucket is full of unexpired entries. A
// guess at a secret is refused rather than forgotten; a quota that protects nobody's secret must not
// let a flood of strangers lock everybody out.
enum class WhenFull : std::uint8_t { kRefuse, kLetPass };

// What came of claiming a key.
using Claimed = domain::UsedTexts::Use;

// Over words of shared memory, which must outlive it; zeros are an empty table. Thread-safe and
// process-safe.
class RateSlots {
 public:
  static constexpr std::size_t kSlotsPerBucket = 16;
  static constexpr std::size_t kWordsPerBucket =
      2 * kSlotsPerBucket;                           // 256 bytes, four cache lines
  static constexpr base::seconds kMaxWindow{86400};  // a longer window counts as this one

  // words.size(): a power of two, at least kWordsPerBucket. Tables with different seeds (one a
  // boot) do not see each other's entries.
  RateSlots(std::span<std::uint64_t> words, std::uint64_t seed, WhenFull when_full)
      : words_(words), seed_(seed), when_full_(when_full) {}

  static constexpr std::uint32_t kNoRoom = domain::RateLimits::kNoRoom;

  // As domain::RateLimits has them. The window begins with the first event counted and lasts as long
  // as asked, up to a second longer. A refused event is not counted. A limit of 0 refuses everything.
  bool Take(std::uint64_t key, std::uint32_t limit, base::seconds window,
            base::milliseconds now_since_boot);
  std::uint32_t Count(std::uint64_t key, base::milliseconds now_since_boot) const;
  // For a key without room: until there is some.
  base::seconds Left(std::uint64_t key, base::milliseconds now_since_boot) const;

  // A key is claimed once within its window, by whoever brought the `mark` (not 0) that stays. A key is
  // either claimed or counted.
  Claimed Claim(std::uint64_t key, std::uint32_t mark, base::seconds window,
                base::milliseconds now_since_boot);

 private:
  std::span<std::uint64_t> words_;
  std::uint64_t seed_;
  WhenFull when_full_;
};

}  // namespace shm
