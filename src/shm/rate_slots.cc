#include "shm/rate_slots.h"

#include <algorithm>

#include "shm/bucket.h"

namespace shm {

namespace {

// bucket := 16 owners, then 16 counters; owner i and counter i are one entry
// owner   := tag (36 bits) || end (28 bits); 0 is an empty entry
//   tag   from the hash of the key, never 0
//   end   when the window is over, CLOCK_BOOTTIME in seconds: 8.5 years without a reboot
// counter := check (32 bits) || count (32 bits)
//   check from the owner word: where it does not match, the counter is an earlier owner's: 0
//   count of a claimed key: the mark of who claimed it
//
// Why two words need no lock: an entry begins with one compare-and-swap, of the owner, which makes
// the old counter void at the same instant, because each window has an end, and so a check, of its
// own. A process may die at any point between: what it leaves is an entry that counted nothing.
// Counting reads the counter, then sees that the owner still stands, then swaps the counter: where
// the owner changes after that look, either the new one has counted, and the swap fails, or it has
// not, and finds a void counter. All in one word would leave room for few counts or for short tags.
//
// The end stands whole, not modulo some days as in the poll table: an entry that nobody touched for
// weeks must not come back as a live one and refuse whom it once counted.
constexpr unsigned kEndBits = 28;
constexpr std::uint64_t kEndMask = (1ULL << kEndBits) - 1;
constexpr unsigned kCountBits = 32;

struct Owner {
  std::uint64_t tag;
  std::int64_t end;
};

std::uint64_t Encode(const Owner& owner) {
  return (owner.tag << kEndBits) | static_cast<std::uint64_t>(owner.end);
}

Owner DecodeOwner(std::uint64_t word) {
  return {.tag = word >> kEndBits, .end = static_cast<std::int64_t>(word & kEndMask)};
}

std::uint64_t TagOf(std::uint64_t hash) { return std::max<std::uint64_t>(hash >> kEndBits, 1); }

std::uint64_t EncodeCounter(std::uint64_t owner_word, std::uint32_t count) {
  return (Mix(owner_word) << kCountBits) | count;
}

std::uint32_t CountOf(std::uint64_t owner_word, std::uint64_t counter_word) {
  const auto count = static_cast<std::uint32_t>(counter_word);
  return counter_word == EncodeCounter(owner_word, count) ? count : 0;
}

// An end further away than any window was written before the last boot, when the clock stood
// elsewhere.
bool IsOfAnotherBoot(const Owner& owner, base::milliseconds now) {
  return owner.end * 1000 - now.count() > (RateSlots::kMaxWindow.count() + 1) * 1000;
}

bool IsLive(const Owner& owner, base::milliseconds now) {
  return owner.end * 1000 > now.count() && !IsOfAnotherBoot(owner, now);
}

std::int64_t EndOf(base::milliseconds now, base::seconds window) {
  const base::seconds length = std::clamp(window, base::seconds(1), RateSlots::kMaxWindow);
  const std::int64_t end = (std::chrono::ceil<base::seconds>(now) + length).count();
  return end & static_cast<std::int64_t>(kEndMask);
}

struct Entry {
  std::uint64_t* owner;
  std::uint64_t owner_seen;  // what it held, for the compare-and-swap
  std::uint64_t* counter;
  bool has_tag;
};

// By when an entry may go: the window's end. Empty ones and those of another boot go first.
std::int64_t RankOf(const Owner& owner, base::milliseconds now) {
  return IsOfAnotherBoot(owner, now) ? 0 : owner.end;
}

// The entry with this tag, live or not; else the first empty one; else the one whose window ends
// first. One reading of each owner answers both questions: were the place for a new tag looked for
// after the tag was not found, another process could put the tag in between. The ends of an entry
// only grow, and their order does not depend on our now. So of two processes that put in the same
// new tag at once, both choose the same entry, or one sees its entry change, or one sees the
// other's: no event is counted in a second place.
Entry Choose(std::span<std::uint64_t> bucket, std::uint64_t tag, base::milliseconds now) {
  const auto owners = bucket.first(RateSlots::kSlotsPerBucket);
  const auto counters = bucket.last(RateSlots::kSlotsPerBucket);
  Entry first{.owner = nullptr, .owner_seen = 0, .counter = nullptr, .has_tag = false};
  std::int64_t first_rank = 0;
  for (std::size_t i = 0; i < owners.size(); ++i) {
    Entry entry{.owner = &owners[i],
                .owner_seen = Load(owners[i]),
                .counter = &counters[i],
                .has_tag = false};
    const Owner owner = DecodeOwner(entry.owner_seen);
    entry.has_tag = owner.tag == tag;
    if (entry.has_tag) return entry;
    if (first.owner != nullptr && RankOf(owner, now) >= first_rank) continue;
    first = entry;
    first_rank = RankOf(owner, now);
  }
  return first;
}

enum class Counted : std::uint8_t { kYes, kRefused, kChanged };

Counted CountOneMore(const Entry& entry, std::uint64_t owner_word, std::uint32_t limit) {
  const std::uint64_t seen = Load(*entry.counter);
  if (Load(*entry.owner) != owner_word) return Counted::kChanged;
  const std::uint32_t count = CountOf(owner_word, seen);
  if (count >= limit) return Counted::kRefused;
  return Swap(*entry.counter, seen, EncodeCounter(owner_word, count + 1)) ? Counted::kYes
                                                                          : Counted::kChanged;
}

}  // namespace

bool RateSlots::Take(std::uint64_t key, std::uint32_t limit, base::seconds window,
                     base::milliseconds now_since_boot) {
  if (limit == 0) return false;
  const std::uint64_t hash = Mix(key ^ seed_);
  const std::span<std::uint64_t> bucket = BucketOf(words_, kWordsPerBucket, hash);
  const Owner fresh{.tag = TagOf(hash), .end = EndOf(now_since_boot, window)};
  for (;;) {  // each turn after the first means that another process got its change in
    const Entry entry = Choose(bucket, fresh.tag, now_since_boot);
    const bool is_live = IsLive(DecodeOwner(entry.owner_seen), now_since_boot);
    if (is_live && !entry.has_tag) return when_full_ == WhenFull::kLetPass;
    const std::uint64_t owner_word = is_live ? entry.owner_seen : Encode(fresh);
    if (!is_live && !Swap(*entry.owner, entry.owner_seen, owner_word)) continue;
    const Counted counted = CountOneMore(entry, owner_word, limit);
    if (counted != Counted::kChanged) return counted == Counted::kYes;
  }
}

std::uint32_t RateSlots::Count(std::uint64_t key, base::milliseconds now_since_boot) const {
  const std::uint64_t hash = Mix(key ^ seed_);
  const Entry entry = Choose(BucketOf(words_, kWordsPerBucket, hash), TagOf(hash), now_since_boot);
  const bool is_live = IsLive(DecodeOwner(entry.owner_seen), now_since_boot);
  if (!is_live) return 0;
  if (entry.has_tag) return CountOf(entry.owner_seen, Load(*entry.counter));
  return when_full_ == WhenFull::kLetPass ? 0 : kNoRoom;
}

base::seconds RateSlots::Left(std::uint64_t key, base::milliseconds now_since_boot) const {
  const std::uint64_t hash = Mix(key ^ seed_);
  const Entry entry = Choose(BucketOf(words_, kWordsPerBucket, hash), TagOf(hash), now_since_boot);
  const Owner owner = DecodeOwner(entry.owner_seen);
  const base::seconds end(IsLive(owner, now_since_boot) ? owner.end : 0);
  return std::max(std::chrono::ceil<base::seconds>(end - now_since_boot), base::seconds(1));
}

// Whoever sets the mark has claimed the key, not whoever made the entry: a process that dies between
// the two leaves a key that nobody has claimed.
Claimed RateSlots::Claim(std::uint64_t key, std::uint32_t mark, base::seconds window,
                         base::milliseconds now_since_boot) {
  const std::uint64_t hash = Mix(key ^ seed_);
  const std::span<std::uint64_t> bucket = BucketOf(words_, kWordsPerBucket, hash);
  const Owner fresh{.tag = TagOf(hash), .end = EndOf(now_since_boot, window)};
  for (;;) {  // each turn after the first means that another process got its change in
    const Entry entry = Choose(bucket, fresh.tag, now_since_boot);
    const bool is_live = IsLive(DecodeOwner(entry.owner_seen), now_since_boot);
    if (is_live && !entry.has_tag) return Claimed::kNoRoom;
    const std::uint64_t owner_word = is_live ? entry.owner_seen : Encode(fresh);
    if (!is_live && !Swap(*entry.owner, entry.owner_seen, owner_word)) continue;
    const std::uint64_t seen = Load(*entry.counter);
    if (Load(*entry.owner) != owner_word) continue;
    const std::uint32_t by = CountOf(owner_word, seen);
    if (by != 0) return by == mark ? Claimed::kRepeated : Claimed::kUsed;
    if (Swap(*entry.counter, seen, EncodeCounter(owner_word, mark))) return Claimed::kFirst;
  }
}

}  // namespace shm
