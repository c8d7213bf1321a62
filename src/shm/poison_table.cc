#include "shm/poison_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/os/kernel_random.h"
#include "shm/bucket.h"

namespace shm {

namespace {

using base::milliseconds;
using base::seconds;

// section := header request{kPlaces} network{kPlaces} state{kPlaces}      all in 64-bit words
// header  := boot k0 k1 noted awake, zeros to 8 words
//   k0, k1  the key of the hashes, drawn by whoever comes first
//   noted   how many requests were ever noted: the next one goes to place noted % kPlaces
//   awake   CLOCK_BOOTTIME in ms; later than this nothing in the table holds
// request := hash of its id; 0 is an empty place
// network := hash; 0 is an empty place
// state   := end (54 bits) || deaths (10 bits), of the network at the same place
//   end     when it is let in again, CLOCK_BOOTTIME in ms
//
// Parents write, a few times a second at most; children read. A reader that meets a place whose
// network was just replaced may judge the new one by the old one's state, for as long as the writer
// takes to its next instruction. A parent that died between the two leaves it so until the next
// death, which costs nobody more than a ban that another network had earned.
constexpr std::size_t kBoot = 0, kKey = 1, kNoted = 3, kAwake = 4, kHeaderWords = 8;
constexpr unsigned kDeathBits = 10;
constexpr std::uint64_t kDeathMask = (1ULL << kDeathBits) - 1;
constexpr std::uint64_t kMostDoublings = 16;  // far beyond kLongest

struct State {
  milliseconds end{0};
  std::uint64_t deaths = 0;

  seconds ban() const {
    if (deaths == 0) return seconds(0);
    const auto doublings = std::min<std::uint64_t>(deaths - 1, kMostDoublings);
    return std::min(PoisonTable::kFirst * (std::int64_t{1} << doublings), PoisonTable::kLongest);
  }
  milliseconds last_death() const { return end - ban(); }
};

State DecodeState(std::uint64_t word) {
  return {.end = milliseconds(word >> kDeathBits), .deaths = word & kDeathMask};
}

std::uint64_t Encode(const State& state) {
  return static_cast<std::uint64_t>(state.end.count()) << kDeathBits | state.deaths;
}

// The state after one more death.
State Next(const State& before, milliseconds now) {
  const bool is_forgotten =
      before.deaths == 0 || now - before.last_death() >= PoisonTable::kForgotten;
  State state{.deaths = is_forgotten ? 1 : std::min(before.deaths + 1, kDeathMask)};
  state.end = now + state.ban();
  return state;
}

std::uint64_t DrawWord() {
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
  base::FillFromKernel(bytes);
  return std::bit_cast<std::uint64_t>(bytes);
}

void Store(std::uint64_t& word, std::uint64_t value) {
  std::atomic_ref(word).store(value, std::memory_order_seq_cst);
}

bool Holds(std::span<std::uint64_t> places, std::uint64_t key) {
  return std::ranges::any_of(places, [key](std::uint64_t& place) { return Load(place) == key; });
}

std::span<std::uint64_t> Requests(std::span<std::uint64_t> words) {
  return words.subspan(kHeaderWords, PoisonTable::kPlaces);
}
std::span<std::uint64_t> Networks(std::span<std::uint64_t> words) {
  return words.subspan(kHeaderWords + PoisonTable::kPlaces, PoisonTable::kPlaces);
}
std::span<std::uint64_t> States(std::span<std::uint64_t> words) {
  return words.subspan(kHeaderWords + 2 * PoisonTable::kPlaces, PoisonTable::kPlaces);
}

template <std::size_t kSize>
std::uint64_t Hash(const base::SipKey& key, const std::array<std::uint8_t, kSize>& bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return std::max<std::uint64_t>(base::SipHash24(key, text), 1);
}

}  // namespace

PoisonTable::PoisonTable(std::span<std::uint64_t> words, std::uint64_t boot) : words_(words) {
  const std::uint64_t before = Load(words_[kBoot]);
  if (before != boot && Swap(words_[kBoot], before, boot)) {
    for (std::uint64_t& word : words_.subspan(kNoted)) Store(word, 0);
  }
  key_ = {.k0 = DrawnOnce(words_[kKey], &DrawWord), .k1 = DrawnOnce(words_[kKey + 1], &DrawWord)};
}

std::uint64_t PoisonTable::KeyOf(const base::IdBytes& request) const { return Hash(key_, request); }

// A byte longer or shorter than a request's id, so that the two never share a hash by their text.
std::uint64_t PoisonTable::KeyOf(const base::Network& network) const {
  std::array<std::uint8_t, 9> bytes{static_cast<std::uint8_t>(network.family)};
  std::ranges::copy(network.bytes, bytes.begin() + 1);
  return Hash(key_, bytes);
}

seconds PoisonTable::Note(const base::IdBytes& request, const base::Network& network,
                          milliseconds now) {
  const std::uint64_t noted =
      std::atomic_ref(words_[kNoted]).fetch_add(1, std::memory_order_seq_cst);
  Store(Requests(words_)[noted % kPlaces], KeyOf(request));
  StayAwakeUntil(now + kRequestKept);
  if (network.family == base::Network::Family::kNone) return seconds(0);
  std::uint64_t& word = States(words_)[PlaceFor(KeyOf(network))];
  State state;
  std::uint64_t seen = 0;
  do {
    seen = Load(word);
    state = Next(DecodeState(seen), now);
  } while (!Swap(word, seen, Encode(state)));
  StayAwakeUntil(state.end);
  return state.ban();
}

// Its own, else an empty one, else that of the network whose last death is the longest ago.
std::size_t PoisonTable::PlaceFor(std::uint64_t network_key) {
  const auto networks = Networks(words_);
  const auto states = States(words_);
  std::size_t oldest = 0;
  milliseconds oldest_death = milliseconds::max();
  for (std::size_t i = 0; i < kPlaces; ++i) {
    const std::uint64_t holder = Load(networks[i]);
    if (holder == network_key) return i;
    const milliseconds death =
        holder == 0 ? milliseconds(-1) : DecodeState(Load(states[i])).last_death();
    if (death >= oldest_death) continue;
    oldest = i;
    oldest_death = death;
  }
  Store(networks[oldest], network_key);
  Store(states[oldest], 0);
  return oldest;
}

void PoisonTable::StayAwakeUntil(milliseconds end) {
  const auto wanted = static_cast<std::uint64_t>(end.count());
  std::uint64_t& word = words_[kAwake];
  for (std::uint64_t seen = Load(word); seen < wanted && !Swap(word, seen, wanted);) {
    seen = Load(word);
  }
}

bool PoisonTable::IsQuiet(const base::Clock& clock) const {
  const std::uint64_t awake = std::atomic_ref(words_[kAwake]).load(std::memory_order_acquire);
  return awake == 0 || static_cast<std::uint64_t>(clock.SinceBoot().count()) >= awake;
}

bool PoisonTable::IsPoisonous(const base::IdBytes& request) const {
  const std::uint64_t used = std::min<std::uint64_t>(Load(words_[kNoted]), kPlaces);
  return Holds(Requests(words_).first(used), KeyOf(request));
}

milliseconds PoisonTable::ShutOutFor(const base::Network& network, milliseconds now) const {
  if (network.family == base::Network::Family::kNone) return milliseconds(0);
  const auto networks = Networks(words_);
  const std::uint64_t key = KeyOf(network);
  for (std::size_t i = 0; i < kPlaces; ++i) {
    const std::uint64_t holder = Load(networks[i]);
    if (holder == 0) break;  // places are taken in their order
    if (holder != key) continue;
    return std::max(DecodeState(Load(States(words_)[i])).end - now, milliseconds(0));
  }
  return milliseconds(0);
}

}  // namespace shm
