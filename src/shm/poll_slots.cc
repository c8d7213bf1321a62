#include "shm/poll_slots.h"

#include <algorithm>
#include <cstddef>

#include "base/bytes.h"
#include "base/siphash.h"
#include "shm/bucket.h"

namespace shm {

namespace {

// slot := tag (34 bits) || mark (24 bits) || interval (6 bits); 0 is an empty slot
//   tag       from the hash of the device code's id, never 0
//   mark      time of the last accepted poll, CLOCK_BOOTTIME in sixteenths of a second, modulo 2^24
//   interval  seconds, 1 to 60
//
// The mark comes round every 2^24 / 16 s = 12 days. Ages are therefore taken modulo 2^24 and are
// right for entries younger than 12 days; an older one may look fresh again, which matters only to
// a device code with its tag: one in 2^34, and no device code lives 12 days. So few bits for the
// time leave many for the tag, which is what keeps two codes of one bucket apart: for each of at
// most 8 neighbours one in 2^34 that a first poll is taken for a second one, and answered
// slow_down.
constexpr unsigned kIntervalBits = 6;
constexpr unsigned kMarkBits = 24;
constexpr unsigned kTagShift = kIntervalBits + kMarkBits;
constexpr std::uint64_t kIntervalMask = (1ULL << kIntervalBits) - 1;
constexpr std::uint64_t kMarkMask = (1ULL << kMarkBits) - 1;

constexpr std::int64_t kTicksPerSecond = 16;
constexpr std::int64_t kPeriod = 1LL << kMarkBits;
// Two processes read their clocks one after the other: a mark may lie a little ahead of our now.
constexpr std::int64_t kClockSkew = 60 * kTicksPerSecond;
constexpr std::int64_t kForgottenAfter = 3600 * kTicksPerSecond;
constexpr std::int64_t kSlack = kTicksPerSecond;

constexpr base::seconds kShortest{1};
constexpr base::seconds kLongest{60};
constexpr base::seconds kStep{5};  // RFC 8628 §3.5 "slow_down"

struct Slot {
  std::uint64_t tag;
  std::int64_t mark;
  base::seconds interval;
};

std::uint64_t Encode(const Slot& slot) {
  return (slot.tag << kTagShift) | (static_cast<std::uint64_t>(slot.mark) << kIntervalBits) |
         static_cast<std::uint64_t>(slot.interval.count());
}

Slot Decode(std::uint64_t word) {
  return {.tag = word >> kTagShift,
          .mark = static_cast<std::int64_t>((word >> kIntervalBits) & kMarkMask),
          .interval = base::seconds(static_cast<std::int64_t>(word & kIntervalMask))};
}

std::int64_t Ticks(base::milliseconds now) {
  return (now.count() * kTicksPerSecond / 1000) & static_cast<std::int64_t>(kMarkMask);
}

// From -kClockSkew up to (not including) kPeriod - kClockSkew.
std::int64_t Age(std::int64_t mark, std::int64_t now) {
  return ((now - mark + kClockSkew) & static_cast<std::int64_t>(kMarkMask)) - kClockSkew;
}

std::uint64_t TagOf(std::uint64_t hash) { return std::max<std::uint64_t>(hash >> kTagShift, 1); }

// A tick may cut up to a sixteenth off the age: it is given back, so that no client is short of it.
bool IsTooFast(std::int64_t age, base::seconds interval) {
  return age + 1 < interval.count() * kTicksPerSecond - kSlack;
}

struct Choice {
  std::uint64_t* word;
  std::uint64_t seen;  // what it held, for the compare-and-swap
  bool has_tag;
};

// The slot with this tag; else the first empty one; else the one with the oldest mark. One reading
// of each word answers both questions: were the place for a new tag looked for after the tag was
// not found, another process could put the tag in between. Marks of a slot only grow, and the order
// of two does not depend on our now. So of two processes that put in the same new tag at once, both
// choose the same slot, or one sees its slot change, or one sees the other's entry: the tag never
// stands twice.
Choice Choose(std::span<std::uint64_t> bucket, std::uint64_t tag, std::int64_t now) {
  Choice oldest{.word = nullptr, .seen = 0, .has_tag = false};
  std::int64_t oldest_age = 0;
  for (std::uint64_t& word : bucket) {
    const std::uint64_t seen = Load(word);
    if (seen >> kTagShift == tag) return {.word = &word, .seen = seen, .has_tag = true};
    const std::int64_t age = seen == 0 ? kPeriod : Age(Decode(seen).mark, now);
    if (oldest.word != nullptr && age <= oldest_age) continue;
    oldest = {.word = &word, .seen = seen, .has_tag = false};
    oldest_age = age;
  }
  return oldest;
}

struct Decision {
  Slot slot;
  bool too_fast;
};

// What a poll at `now` makes of the slot of its device code.
Decision Decide(Slot slot, const Slot& fresh, std::int64_t now) {
  const std::int64_t age = Age(slot.mark, now);
  if (age > kForgottenAfter) return {.slot = fresh, .too_fast = false};
  if (IsTooFast(age, slot.interval)) {
    slot.interval = std::min(slot.interval + kStep, kLongest);
    return {.slot = slot, .too_fast = true};
  }
  if (age > 0) slot.mark = now;  // never back, where our clock was read before the other's
  return {.slot = slot, .too_fast = false};
}

}  // namespace

domain::PollTable::Verdict PollSlots::Poll(records::DeviceCodeId id, base::seconds initial_interval,
                                           base::milliseconds now_since_boot) {
  const std::uint64_t hash = base::SipHash24(key_, base::AsText(id.bytes));
  const std::span<std::uint64_t> bucket = BucketOf(words_, kSlotsPerBucket, hash);
  const std::int64_t now = Ticks(now_since_boot);
  const Slot fresh{.tag = TagOf(hash),
                   .mark = now,
                   .interval = std::clamp(initial_interval, kShortest, kLongest)};
  for (;;) {  // each turn after the first means that another process got its change in
    const Choice choice = Choose(bucket, fresh.tag, now);
    const Decision decision = choice.has_tag ? Decide(Decode(choice.seen), fresh, now)
                                             : Decision{.slot = fresh, .too_fast = false};
    if (Swap(*choice.word, choice.seen, Encode(decision.slot))) {
      return {.too_fast = decision.too_fast, .interval = decision.slot.interval};
    }
  }
}

}  // namespace shm
