#include "limits/rate_slots.h"

#include <algorithm>
#include <optional>

#include "limits/bucket.h"

namespace limits {

namespace {

// bucket := 16 owners, then 16 counters; owner i and counter i are one entry
// owner   := tag (36 bits) || end (28 bits); 0 is an empty entry
//   tag   from the hash of the key, never 0
//   end   when the window is over, CLOCK_BOOTTIME in seconds: 8.5 years without a reboot
// counter := check (32 bits) || count (32 bits)
//   check from the owner word: where it does not match, the counter is an earlier owner's and means
//   0
//
// Why two words need no lock: an entry begins with one compare-and-swap, of the owner, which makes
// the old counter void at the same instant, because each window has an end, and so a check, of its
// own. A process may die at any point between: what it leaves is an entry that counted nothing. A
// slow process that adds to a counter whose owner changed meanwhile either fails, because the
// counter changed too, or leaves a void one. All in one word would leave room for few counts or for
// short tags.
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
  std::uint64_t owner_seen;
  std::uint64_t* counter;
};

// The entries of one bucket.
class Bucket {
 public:
  explicit Bucket(std::span<std::uint64_t> words)
      : owners_(words.first(RateSlots::kSlotsPerBucket)),
        counters_(words.last(RateSlots::kSlotsPerBucket)) {}

  std::optional<Entry> Find(std::uint64_t tag) const {
    for (std::size_t i = 0; i < owners_.size(); ++i) {
      const Entry entry = At(i);
      if (DecodeOwner(entry.owner_seen).tag == tag) return entry;
    }
    return std::nullopt;
  }

  // The first empty entry, else the one whose window ended longest ago; nullopt where all are live.
  // The ends of an entry only grow and their order does not depend on our now, so two processes
  // that put in the same new tag at once choose the same entry (or one of them sees its entry
  // change, or the other's): no event is counted in a second place.
  std::optional<Entry> FindFree(base::milliseconds now) const {
    Entry first = At(0);
    std::int64_t first_end = RankOf(first, now);
    for (std::size_t i = 1; i < owners_.size(); ++i) {
      const Entry entry = At(i);
      if (RankOf(entry, now) >= first_end) continue;
      first = entry;
      first_end = RankOf(entry, now);
    }
    if (IsLive(DecodeOwner(first.owner_seen), now)) return std::nullopt;
    return first;
  }

 private:
  Entry At(std::size_t i) const { return {&owners_[i], Load(owners_[i]), &counters_[i]}; }

  static std::int64_t RankOf(const Entry& entry, base::milliseconds now) {
    const Owner owner = DecodeOwner(entry.owner_seen);
    return IsOfAnotherBoot(owner, now) ? 0 : owner.end;
  }

  std::span<std::uint64_t> owners_;
  std::span<std::uint64_t> counters_;
};

enum class Counted : std::uint8_t { kYes, kRefused, kChanged };

Counted CountOneMore(const Entry& entry, std::uint64_t owner_word, std::uint32_t limit) {
  const std::uint64_t seen = Load(*entry.counter);
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
  const Bucket bucket(BucketOf(words_, kWordsPerBucket, hash));
  const Owner fresh{.tag = TagOf(hash), .end = EndOf(now_since_boot, window)};
  for (;;) {  // each turn after the first means that another process got its change in
    const auto found = bucket.Find(fresh.tag);
    const auto entry = found ? found : bucket.FindFree(now_since_boot);
    if (!entry) return false;
    std::uint64_t owner_word = entry->owner_seen;
    if (!found || !IsLive(DecodeOwner(owner_word), now_since_boot)) {
      owner_word = Encode(fresh);
      if (!Swap(*entry->owner, entry->owner_seen, owner_word)) continue;
    }
    const Counted counted = CountOneMore(*entry, owner_word, limit);
    if (counted != Counted::kChanged) return counted == Counted::kYes;
  }
}

std::uint32_t RateSlots::Count(std::uint64_t key, base::milliseconds now_since_boot) {
  const std::uint64_t hash = Mix(key ^ seed_);
  const auto entry = Bucket(BucketOf(words_, kWordsPerBucket, hash)).Find(TagOf(hash));
  if (!entry || !IsLive(DecodeOwner(entry->owner_seen), now_since_boot)) return 0;
  return CountOf(entry->owner_seen, Load(*entry->counter));
}

}  // namespace limits
