#include "worker/pool/child_slots.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

namespace worker {

namespace {

// memory := header slot{kSlots}                                  all in 64-bit words
// header := how many slots were ever opened, zeros to kSlotWords
// slot   := heartbeat work id{16 bytes} address{48 bytes} zero{6}
// work   := 0 none | 1 + the address's length in bytes
//
// A slot is two cache lines, which the processor may fetch as a pair: no child's stores take another
// one's line away. `work` is stored last and with release, so who sees it sees the rest.
using Word = std::atomic_ref<std::uint64_t>;
constexpr std::size_t kSlotWords = 16;
constexpr std::size_t kHeartbeat = 0, kWork = 1, kId = 2, kAddress = 4;
constexpr std::size_t kBytes = (1 + ChildSlots::kSlots) * kSlotWords * sizeof(std::uint64_t);
static_assert(kAddress + ChildSlots::kMostAddressBytes / 8 <= kSlotWords);

std::array<std::uint64_t, 2> WordsOf(const base::IdBytes& id) {
  std::array<std::uint64_t, 2> words;
  std::memcpy(words.data(), id.data(), id.size());
  return words;
}

void StoreText(std::uint64_t* words, std::string_view text) {
  for (; !text.empty(); ++words) {
    const std::size_t size = std::min<std::size_t>(text.size(), sizeof *words);
    std::uint64_t part = 0;
    std::memcpy(&part, text.data(), size);
    Word(*words).store(part, std::memory_order_relaxed);
    text.remove_prefix(size);
  }
}

std::string LoadText(std::uint64_t* words, std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t at = 0; at < size; at += sizeof *words, ++words) {
    const std::uint64_t part = Word(*words).load(std::memory_order_relaxed);
    std::memcpy(text.data() + at, &part, std::min(size - at, sizeof part));
  }
  return text;
}

}  // namespace

base::Result<ChildSlots> ChildSlots::Create() {
  base::UniqueFd fd(memfd_create("latchkey-children", MFD_CLOEXEC));
  if (!fd.valid()) return base::ErrnoStatus("memfd_create", errno);
  if (ftruncate(fd.get(), kBytes) != 0) return base::ErrnoStatus("ftruncate", errno);
  return Map(std::move(fd));
}

base::Result<ChildSlots> ChildSlots::Map(base::UniqueFd fd) {
  void* memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) return base::ErrnoStatus("map the children's slots", errno);
  return ChildSlots(std::move(fd), static_cast<std::uint64_t*>(memory));
}

ChildSlots::ChildSlots(ChildSlots&& other) noexcept
    : fd_(std::move(other.fd_)), words_(std::exchange(other.words_, nullptr)) {}

ChildSlots& ChildSlots::operator=(ChildSlots&& other) noexcept {
  fd_ = std::move(other.fd_);
  std::swap(words_, other.words_);
  return *this;
}

ChildSlots::~ChildSlots() {
  if (words_ != nullptr) munmap(words_, kBytes);
}

std::uint64_t* ChildSlots::SlotAt(std::size_t slot) const {
  return words_ + (1 + slot) * kSlotWords;
}

std::uint64_t* ChildSlots::heartbeat(std::size_t slot) const { return SlotAt(slot) + kHeartbeat; }

void ChildSlots::Begin(std::size_t slot, const base::IdBytes& request,
                       std::string_view address) const {
  std::uint64_t* const words = SlotAt(slot);
  const auto id = WordsOf(request);
  address = address.substr(0, kMostAddressBytes);
  Word(words[kId]).store(id[0], std::memory_order_relaxed);
  Word(words[kId + 1]).store(id[1], std::memory_order_relaxed);
  StoreText(words + kAddress, address);
  Word(words[kWork]).store(1 + address.size(), std::memory_order_release);
}

void ChildSlots::End(std::size_t slot) const {
  Word(SlotAt(slot)[kWork]).store(0, std::memory_order_release);
}

bool ChildSlots::IsElsewhere(std::size_t slot, const base::IdBytes& request) const {
  const auto id = WordsOf(request);
  const auto opened =
      std::min<std::size_t>(Word(words_[0]).load(std::memory_order_relaxed), kSlots);
  for (std::size_t i = 0; i < opened; ++i) {
    std::uint64_t* const words = SlotAt(i);
    if (i == slot || Word(words[kWork]).load(std::memory_order_acquire) == 0) continue;
    const bool is_same = Word(words[kId]).load(std::memory_order_relaxed) == id[0] &&
                         Word(words[kId + 1]).load(std::memory_order_relaxed) == id[1];
    if (is_same) return true;
  }
  return false;
}

void ChildSlots::Open(std::size_t slot) const {
  Clear(slot);
  Word opened(words_[0]);
  if (opened.load(std::memory_order_relaxed) <= slot) opened.store(slot + 1);
}

void ChildSlots::Clear(std::size_t slot) const {
  std::uint64_t* const words = SlotAt(slot);
  for (std::size_t i = 0; i < kSlotWords; ++i) Word(words[i]).store(0, std::memory_order_release);
}

std::uint64_t ChildSlots::HeartbeatOf(std::size_t slot) const {
  return Word(SlotAt(slot)[kHeartbeat]).load(std::memory_order_relaxed);
}

std::optional<Work> ChildSlots::WorkOf(std::size_t slot) const {
  std::uint64_t* const words = SlotAt(slot);
  const std::uint64_t work = Word(words[kWork]).load(std::memory_order_acquire);
  if (work == 0) return std::nullopt;
  const std::size_t size = std::min<std::size_t>(work - 1, kMostAddressBytes);
  const std::array<std::uint64_t, 2> id{Word(words[kId]).load(std::memory_order_relaxed),
                                        Word(words[kId + 1]).load(std::memory_order_relaxed)};
  Work found{.address = LoadText(words + kAddress, size)};
  std::memcpy(found.request.data(), id.data(), found.request.size());
  return found;
}

}  // namespace worker
