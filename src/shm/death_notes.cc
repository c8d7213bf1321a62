#include "shm/death_notes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "shm/bucket.h"

namespace shm {

namespace {

using base::milliseconds;

// section := header note{kPlaces}                                         all in 64-bit words
// header  := left, zeros to 16 words
// note    := state id{16 bytes} wait_status child{24 bytes} address{48 bytes} zero
// state   := 0 empty | 1 being written | 2 waits | 3 + when it was taken, CLOCK_BOOTTIME in ms
//
// A place whose writer died in state 1 is lost until the file is made anew.
constexpr std::uint64_t kEmpty = 0, kWriting = 1, kWaits = 2;
constexpr std::size_t kState = 0, kId = 1, kStatus = 3, kChild = 4, kAddress = 7;
static_assert(kAddress + DeathNotes::kMostAddressBytes / 8 <= DeathNotes::kWordsPerNote);

using Word = std::atomic_ref<std::uint64_t>;

void StoreBytes(std::span<std::uint64_t> words, std::string_view bytes) {
  for (std::uint64_t& word : words) {
    std::uint64_t part = 0;
    const std::size_t size = std::min<std::size_t>(bytes.size(), sizeof part);
    std::memcpy(&part, bytes.data(), size);
    bytes.remove_prefix(size);
    Word(word).store(part, std::memory_order_relaxed);
  }
}

std::string LoadBytes(std::span<std::uint64_t> words) {
  std::string bytes;
  for (std::uint64_t& word : words) {
    std::array<char, sizeof(std::uint64_t)> part{};
    const std::uint64_t value = Word(word).load(std::memory_order_relaxed);
    std::memcpy(part.data(), &value, sizeof value);
    bytes.append(part.data(), part.size());
  }
  return bytes;
}

std::string LoadText(std::span<std::uint64_t> words) {
  std::string text = LoadBytes(words);
  text.resize(std::min(text.find('\0'), text.size()));
  return text;
}

void Write(const DeathNote& note, std::span<std::uint64_t> place) {
  StoreBytes(place.subspan(kId, 2),
             {reinterpret_cast<const char*>(note.request.data()), note.request.size()});
  Word(place[kStatus])
      .store(static_cast<std::uint32_t>(note.wait_status), std::memory_order_relaxed);
  StoreBytes(place.subspan(kChild, DeathNotes::kMostChildBytes / 8), note.child);
  StoreBytes(place.subspan(kAddress, DeathNotes::kMostAddressBytes / 8), note.address);
}

DeathNote Read(std::span<std::uint64_t> place) {
  DeathNote note;
  const std::string id = LoadBytes(place.subspan(kId, 2));
  std::ranges::copy(id, note.request.begin());
  note.wait_status = static_cast<int>(Word(place[kStatus]).load(std::memory_order_relaxed));
  note.child = LoadText(place.subspan(kChild, DeathNotes::kMostChildBytes / 8));
  note.address = LoadText(place.subspan(kAddress, DeathNotes::kMostAddressBytes / 8));
  return note;
}

}  // namespace

bool DeathNotes::Leave(const DeathNote& note) {
  for (std::size_t i = 0; i < kPlaces; ++i) {
    const auto place = Place(i);
    if (!Swap(place[kState], kEmpty, kWriting)) continue;
    Write(note, place);
    Word(place[kState]).store(kWaits, std::memory_order_release);
    Word(words_[0]).fetch_add(1, std::memory_order_release);
    return true;
  }
  return false;
}

std::uint64_t DeathNotes::left() const { return Word(words_[0]).load(std::memory_order_acquire); }

std::optional<DeathNotes::Taken> DeathNotes::Take(milliseconds now) {
  const auto taken_now = kWaits + 1 + static_cast<std::uint64_t>(now.count());
  for (std::size_t i = 0; i < kPlaces; ++i) {
    const auto place = Place(i);
    const std::uint64_t state = Load(place[kState]);
    if (state < kWaits) continue;
    const bool is_taken =
        state > kWaits &&
        taken_now - state < static_cast<std::uint64_t>(milliseconds(kTakenFor).count());
    if (is_taken || !Swap(place[kState], state, taken_now)) continue;
    return Taken{.place = i, .note = Read(place)};
  }
  return std::nullopt;
}

bool DeathNotes::HasNotes() const {
  for (std::size_t i = 0; i < kPlaces; ++i) {
    if (Load(Place(i)[kState]) >= kWaits) return true;
  }
  return false;
}

void DeathNotes::Drop(std::size_t place) {
  Word(Place(place)[kState]).store(kEmpty, std::memory_order_release);
}

void DeathNotes::GiveBack(std::size_t place) {
  Word(Place(place)[kState]).store(kWaits, std::memory_order_release);
}

}  // namespace shm
