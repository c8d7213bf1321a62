#include "metrics/counters.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "base/bytes.h"
#include "metrics/layout.h"

namespace metrics {

namespace {

using Word = std::atomic_ref<std::uint64_t>;
static_assert(Word::is_always_lock_free, "the words are shared between processes");
static_assert(static_cast<std::size_t>(Gauge::kCount) <= kGaugeWords);
static_assert(static_cast<std::size_t>(Count::kOwnEnd) <= kFirstEvent);
static_assert(static_cast<std::size_t>(Count::kCount) <= kCountWords);

std::uint64_t Load(std::uint64_t& word) { return Word(word).load(std::memory_order_relaxed); }

void Increase(std::uint64_t& word, std::uint64_t n) {
  Word(word).fetch_add(n, std::memory_order_relaxed);
}

std::uint64_t HashOf(std::string_view name) {
  return std::max<std::uint64_t>(base::Hash64(name), 1);
}

// The text behind a hash, eight bytes a word, filled with zeros.
void WriteName(std::span<std::uint64_t> slot, std::string_view name) {
  for (std::size_t i = 1; i < slot.size(); ++i) {
    const std::string_view part = name.substr(std::min((i - 1) * 8, name.size()), 8);
    std::uint64_t word = 0;
    std::memcpy(&word, part.data(), part.size());
    Word(slot[i]).store(word, std::memory_order_relaxed);
  }
}

// Empty: nobody's, or not written yet.
std::string ReadName(std::span<std::uint64_t> slot) {
  const std::uint64_t hash = Load(slot[0]);
  if (hash == 0) return {};
  std::string name((slot.size() - 1) * 8, '\0');
  for (std::size_t i = 1; i < slot.size(); ++i) {
    const std::uint64_t word = Load(slot[i]);
    std::memcpy(name.data() + (i - 1) * 8, &word, 8);
  }
  name.resize(std::min(name.find('\0'), name.size()));
  return HashOf(name) == hash ? name : std::string();
}

// true: the slot is this name's, now or before.
bool ClaimSlot(std::span<std::uint64_t> slot, std::string_view name) {
  if (name.size() > (slot.size() - 1) * 8) return false;
  std::uint64_t seen = 0;
  const std::uint64_t hash = HashOf(name);
  if (!Word(slot[0]).compare_exchange_strong(seen, hash) && seen != hash) return false;
  WriteName(slot, name);
  return true;
}

std::span<std::uint64_t> RouteName(std::span<std::uint64_t> section, std::size_t slot) {
  return section.subspan(slot * kRouteNameWords, kRouteNameWords);
}

std::size_t ChildrenIn(std::span<std::uint64_t> section) {
  return section.size() < kChildrenAt ? 0 : (section.size() - kChildrenAt) / kChildWords;
}

std::span<std::uint64_t> ChildOf(std::span<std::uint64_t> section, std::size_t index) {
  return section.subspan(kChildrenAt + index * kChildWords, kChildWords);
}

std::optional<std::size_t> ClaimRoute(std::span<std::uint64_t> section, std::string_view name) {
  for (std::size_t slot = 0; slot < kRoutes; ++slot) {
    if (ClaimSlot(RouteName(section, slot), name)) return slot;
  }
  return std::nullopt;
}

// 1xx and what is no status count with the errors of the server.
std::size_t ClassOf(int status) {
  const int hundreds = status / 100;
  return hundreds >= 2 && hundreds <= 4 ? static_cast<std::size_t>(hundreds - 2) : kClasses - 1;
}

void CountDuration(std::uint64_t* histogram, std::int64_t micros) {
  const auto duration = static_cast<std::uint64_t>(std::max<std::int64_t>(micros, 0));
  Increase(histogram[BucketOf(duration)], 1);
  Increase(histogram[kBuckets], duration);
}

void AddHistogram(std::uint64_t* histogram, Buckets* buckets, std::uint64_t* micros) {
  for (std::size_t i = 0; i < kBuckets; ++i) (*buckets)[i] += Load(histogram[i]);
  *micros += Load(histogram[kBuckets]);
}

ChildCounts ReadChild(std::span<std::uint64_t> child, std::string name) {
  ChildCounts counts;
  counts.name = std::move(name);
  for (std::size_t i = 0; i < counts.gauges.size(); ++i) {
    counts.gauges[i] = Load(child[kGaugesAt + i]);
  }
  for (std::size_t i = 0; i < counts.counts.size(); ++i) {
    counts.counts[i] = Load(child[kCountsAt + i]);
  }
  return counts;
}

// Adds what the child counted for the route in `slot`; how many answers that were.
std::uint64_t AddRoute(std::span<std::uint64_t> child, std::size_t slot, RouteCounts* route) {
  std::uint64_t* const words = &child[kRoutesAt + slot * kRouteWords];
  std::uint64_t answers = 0;
  for (std::size_t i = 0; i < kClasses; ++i) {
    const std::uint64_t count = Load(words[i]);
    route->classes[i] += count;
    answers += count;
  }
  AddHistogram(words + kClasses, &route->buckets, &route->micros);
  return answers;
}

}  // namespace

// ---- counting ----

std::optional<ChildCounters> ChildCounters::Claim(std::span<std::uint64_t> section,
                                                  std::string_view name,
                                                  std::span<const std::string> routes) {
  std::uint64_t* child = nullptr;
  for (std::size_t i = 0; i < ChildrenIn(section) && child == nullptr; ++i) {
    const auto words = ChildOf(section, i);
    if (ClaimSlot(words.first(kChildNameWords), name)) child = words.data();
  }
  if (child == nullptr || routes.empty()) return std::nullopt;
  std::vector<std::uint64_t*> words;
  for (const std::string& route : routes) {
    const std::size_t slot = ClaimRoute(section, route).value_or(0);
    words.push_back(child + kRoutesAt + slot * kRouteWords);
  }
  return ChildCounters(child, std::move(words));
}

void ChildCounters::Add(Count count, std::uint64_t n) {
  Increase(child_[kCountsAt + static_cast<std::size_t>(count)], n);
}

void ChildCounters::Set(Gauge gauge, std::uint64_t value) {
  Word(child_[kGaugesAt + static_cast<std::size_t>(gauge)]).store(value, std::memory_order_relaxed);
}

std::size_t ChildCounters::TakeRoute() { return std::exchange(route_, 0); }

void ChildCounters::NoteAnswer(std::size_t route, int status, std::int64_t micros) {
  std::uint64_t* const words = routes_[route];
  Increase(words[ClassOf(status)], 1);
  CountDuration(words + kClasses, micros);
}

void ChildCounters::NoteWait(std::int64_t micros) { CountDuration(child_ + kQueueAt, micros); }

// ---- reading ----

bool ChildCounts::IsAlive(std::int64_t now_ms, std::int64_t old_ms) const {
  const auto heartbeat = static_cast<std::int64_t>((*this)[Gauge::kHeartbeatMs]);
  if (heartbeat == 0) return false;
  // A file kept on disk may hold the heartbeat of a boot before this one, which lies ahead of us.
  const std::int64_t age = now_ms - heartbeat;
  return age < old_ms && age > -old_ms;
}

std::uint64_t Counts::Sum(Count count) const {
  std::uint64_t sum = 0;
  for (const ChildCounts& child : children) sum += child[count];
  return sum;
}

std::uint64_t Counts::Sum(Gauge gauge) const {
  std::uint64_t sum = 0;
  for (const ChildCounts& child : children) sum += child[gauge];
  return sum;
}

Counts ReadCounts(std::span<std::uint64_t> section) {
  Counts counts;
  if (ChildrenIn(section) == 0) return counts;
  std::vector<std::size_t> slots;
  for (std::size_t slot = 0; slot < kRoutes; ++slot) {
    std::string name = ReadName(RouteName(section, slot));
    if (name.empty()) continue;
    slots.push_back(slot);
    counts.routes.push_back({.name = std::move(name)});
  }
  for (std::size_t i = 0; i < ChildrenIn(section); ++i) {
    const auto child = ChildOf(section, i);
    std::string name = ReadName(child.first(kChildNameWords));
    if (name.empty()) continue;
    ChildCounts read = ReadChild(child, std::move(name));
    for (std::size_t r = 0; r < slots.size(); ++r) {
      read.requests += AddRoute(child, slots[r], &counts.routes[r]);
    }
    AddHistogram(child.data() + kQueueAt, &counts.waits, &counts.wait_micros);
    counts.children.push_back(std::move(read));
  }
  return counts;
}

}  // namespace metrics
