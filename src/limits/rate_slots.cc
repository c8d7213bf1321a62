#include "limits/rate_slots.h"

#include <algorithm>
#include <optional>

#include "limits/bucket.h"

namespace limits {

namespace {

// slot := end (28 bits) || tag (22 bits) || count (14 bits); 0 is an empty slot
//   end    when the window is over, CLOCK_BOOTTIME in seconds: 8.5 years without a reboot
//   tag    from the hash of the key, never 0
//   count  events in this window, 1 to 16383
//
// One word and not two (key, state): with two, a process that takes over an expired entry must hold
// it between two stores, the others must wait for it or count elsewhere, and it may die there. With
// one, an entry is always whole. The price is the short tag: two keys of one bucket share a count
// with a chance of one in 2^22 a neighbour, and then both run out sooner. Nothing is ever counted
// too low by it.
//
// The end stands whole, not modulo some days as in the poll table: an entry that nobody touched for
// weeks must not come back as a live one and refuse whom it once counted.
constexpr unsigned kCountBits = 14;
constexpr unsigned kTagBits = 22;
constexpr unsigned kEndShift = kCountBits + kTagBits;
constexpr std::uint64_t kCountMask = (1ULL << kCountBits) - 1;
constexpr std::uint64_t kTagMask = (1ULL << kTagBits) - 1;
constexpr std::int64_t kEndMask = (1LL << (64U - kEndShift)) - 1;

static_assert(RateSlots::kMaxCount == kCountMask);

struct Slot {
  std::int64_t end;
  std::uint64_t tag;
  std::uint64_t count;
};

std::uint64_t Encode(const Slot& slot) {
  return (static_cast<std::uint64_t>(slot.end) << kEndShift) | (slot.tag << kCountBits) |
         slot.count;
}

Slot Decode(std::uint64_t word) {
  return {.end = static_cast<std::int64_t>(word >> kEndShift),
          .tag = (word >> kCountBits) & kTagMask,
          .count = word & kCountMask};
}

std::uint64_t TagOf(std::uint64_t hash) {
  return std::max<std::uint64_t>(hash >> (64U - kTagBits), 1);
}

// An end further away than any window was written before the last boot, when the clock stood
// elsewhere.
bool IsOfAnotherBoot(const Slot& slot, base::milliseconds now) {
  return slot.end * 1000 - now.count() > (RateSlots::kMaxWindow.count() + 1) * 1000;
}

bool IsLive(const Slot& slot, base::milliseconds now) {
  return slot.end * 1000 > now.count() && !IsOfAnotherBoot(slot, now);
}

std::int64_t EndOf(base::milliseconds now, base::seconds window) {
  const base::seconds length = std::clamp(window, base::seconds(1), RateSlots::kMaxWindow);
  return (std::chrono::ceil<base::seconds>(now) + length).count() & kEndMask;
}

struct Choice {
  std::uint64_t* word;
  std::uint64_t seen;  // what it held, for the compare-and-swap
};

std::optional<Choice> Find(std::span<std::uint64_t> bucket, std::uint64_t tag) {
  for (std::uint64_t& word : bucket) {
    const std::uint64_t seen = Load(word);
    if (Decode(seen).tag == tag) return Choice{&word, seen};
  }
  return std::nullopt;
}

// The first empty slot, else the one whose window ended longest ago; nullopt where all are live.
// The ends of a slot only grow and their order does not depend on our now, so two processes that
// put in the same new tag at once choose the same slot (or one of them sees its slot change, or the
// other's entry): no event is counted in a second place.
std::optional<Choice> ChooseSlot(std::span<std::uint64_t> bucket, base::milliseconds now) {
  Choice first{nullptr, 0};
  std::int64_t first_end = 0;
  for (std::uint64_t& word : bucket) {
    const std::uint64_t seen = Load(word);
    const Slot slot = Decode(seen);
    const std::int64_t end = IsOfAnotherBoot(slot, now) ? 0 : slot.end;
    if (first.word != nullptr && end >= first_end) continue;
    first = {&word, seen};
    first_end = end;
  }
  if (IsLive(Decode(first.seen), now)) return std::nullopt;
  return first;
}

}  // namespace

bool RateSlots::Take(std::uint64_t key, std::uint32_t limit, base::seconds window,
                     base::milliseconds now_since_boot) {
  if (limit == 0) return false;
  const std::uint64_t hash = Mix(key ^ seed_);
  const std::span<std::uint64_t> bucket = BucketOf(words_, kSlotsPerBucket, hash);
  const Slot fresh{.end = EndOf(now_since_boot, window), .tag = TagOf(hash), .count = 1};
  for (;;) {  // each turn after the first means that another process got its change in
    const auto found = Find(bucket, fresh.tag);
    const auto choice = found ? found : ChooseSlot(bucket, now_since_boot);
    if (!choice) return false;
    Slot slot = Decode(choice->seen);
    if (found && IsLive(slot, now_since_boot)) {
      if (slot.count >= std::min(limit, kMaxCount)) return false;
      ++slot.count;
    } else {
      slot = fresh;
    }
    if (Swap(*choice->word, choice->seen, Encode(slot))) return true;
  }
}

std::uint32_t RateSlots::Count(std::uint64_t key, base::milliseconds now_since_boot) {
  const std::uint64_t hash = Mix(key ^ seed_);
  const auto found = Find(BucketOf(words_, kSlotsPerBucket, hash), TagOf(hash));
  if (!found) return 0;
  const Slot slot = Decode(found->seen);
  return IsLive(slot, now_since_boot) ? static_cast<std::uint32_t>(slot.count) : 0;
}

}  // namespace limits
