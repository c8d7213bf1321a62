#include "shm/shared_table.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/os/unique_fd.h"
#include "base/siphash.h"
#include "shm/bucket.h"
#include "shm/poll_slots.h"
#include "shm/rate_slots.h"

namespace shm {

namespace {

using base::Code;
using base::Result;
using base::Status;

// file       := header sections            all in 64-bit words
// header     := magic, layout version, {offset, words} of each section, zeros to the secret,
//               secret (2 words), zeros to 4096 bytes
// section    := polls: poll_slots.cc; counters: metrics/layout.h; poison: poison_table.cc, then
//               death_notes.cc, zeros to its end; the others: rate_slots.cc
//
// A section to come goes behind the last, and its {offset, words} behind the last in the header.
constexpr std::uint64_t kMagic = 0x4c4b5441424c4531ULL;  // "LKTABLE1"
constexpr std::size_t kHeaderWords = 512;
constexpr std::size_t kSecretWord = 508;

constexpr std::size_t kPolls = 0;
constexpr std::size_t kCounters = 1;
constexpr std::size_t kUsedJtis = 2;
constexpr std::size_t kPoison = 3;
constexpr std::size_t kFirstLimit = 4;
constexpr std::size_t kMiB = std::size_t{1} << 17U;  // in words
constexpr std::size_t kPoisonWords = 3584;
static_assert(PoisonTable::kWords + DeathNotes::kWords <= kPoisonWords);

// A section a purpose, in the order of domain::LimitPurpose, two words an entry. What guards a secret
// refuses when it is full; what guards a resource must not let a flood of strangers shut everybody out.
struct LimitSection {
  std::size_t words;
  WhenFull when_full;
};
constexpr std::array kLimitSections{
    LimitSection{kMiB, WhenFull::kRefuse},       // kUserCodeForm
    LimitSection{kMiB / 2, WhenFull::kRefuse},   // kUserCodeLink
    LimitSection{kMiB / 2, WhenFull::kLetPass},  // kUserCodeBrowser
    LimitSection{kMiB, WhenFull::kRefuse},       // kPasswordAddress
    LimitSection{2 * kMiB, WhenFull::kRefuse},   // kPasswordAccount
    LimitSection{2 * kMiB, WhenFull::kLetPass},  // kDeviceCode
    LimitSection{kMiB, WhenFull::kLetPass},      // kUnknownDeviceCode
    LimitSection{2 * kMiB, WhenFull::kLetPass},  // kRefresh
    LimitSection{kMiB / 4, WhenFull::kLetPass},  // kAssertion
    LimitSection{kMiB / 2, WhenFull::kLetPass},  // kSignIn
    LimitSection{kMiB / 2, WhenFull::kLetPass},  // kDecision
};
static_assert(kLimitSections.size() == static_cast<std::size_t>(domain::LimitPurpose::kCount));
constexpr std::size_t kSections = kFirstLimit + kLimitSections.size();

constexpr std::size_t WordsOf(std::size_t section) {
  if (section == kPoison) return kPoisonWords;
  return section < kFirstLimit ? 2 * kMiB : kLimitSections[section - kFirstLimit].words;
}

constexpr std::size_t OffsetOf(std::size_t section) {
  std::size_t offset = kHeaderWords;
  for (std::size_t before = 0; before < section; ++before) offset += WordsOf(before);
  return offset;
}
constexpr std::size_t kTotalWords = OffsetOf(kSections);

constexpr std::array<std::uint64_t, 2 + 2 * kSections> kHeader = [] {
  std::array<std::uint64_t, 2 + 2 * kSections> header{kMagic, kTableLayoutVersion};
  for (std::size_t section = 0; section < kSections; ++section) {
    header[2 + 2 * section] = OffsetOf(section);
    header[3 + 2 * section] = WordsOf(section);
  }
  return header;
}();
static_assert(kHeader.size() <= kSecretWord);

// Every process that finds a zero writes the same constant, so it does not matter who is first or
// whether somebody died half-way.
Status WriteOrCheckHeader(std::span<std::uint64_t> words, const std::string& path) {
  for (std::size_t i = 0; i < kHeader.size(); ++i) {
    if (Load(words[i]) == 0) Swap(words[i], 0, kHeader[i]);
  }
  const std::string remedy = ": stop all pools, delete it, start them again";
  if (Load(words[0]) != kMagic) {
    return {Code::kCorrupt, path + " is not a table of poll times and limits" + remedy};
  }
  if (const std::uint64_t version = Load(words[1]); version != kTableLayoutVersion) {
    return {Code::kCorrupt, path + " has layout version " + std::to_string(version) +
                                ", this program knows " + std::to_string(kTableLayoutVersion) +
                                remedy};
  }
  for (std::size_t i = 2; i < kHeader.size(); ++i) {
    if (Load(words[i]) != kHeader[i])
      return {Code::kCorrupt, path + " has a broken header" + remedy};
  }
  return {};
}

std::uint64_t DrawWord(domain::Random& random) {
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
  random.Fill(bytes);
  return std::bit_cast<std::uint64_t>(bytes);
}

// The secret that keys are hashed with: random, and another one after each boot. What everybody on the
// machine may read, the id of the boot, only tells boots apart.
base::SipKey KeyOfBoot(std::span<std::uint64_t> words, const std::string& boot_id,
                       domain::Random& random) {
  const auto draw = [&random] { return DrawWord(random); };
  const base::SipKey drawn{.k0 = DrawnOnce(words[kSecretWord], draw),
                           .k1 = DrawnOnce(words[kSecretWord + 1], draw)};
  return {.k0 = base::SipHash24(drawn, "0" + boot_id), .k1 = base::SipHash24(drawn, "1" + boot_id)};
}

class PurposeLimits final : public domain::RateLimits {
 public:
  PurposeLimits(std::span<std::uint64_t> words, base::SipKey key) : key_(key) {
    for (std::size_t i = 0; i < kLimitSections.size(); ++i) {
      sections_.emplace_back(words.subspan(OffsetOf(kFirstLimit + i), kLimitSections[i].words), 0,
                             kLimitSections[i].when_full);
    }
  }
  bool Take(const domain::LimitKey& key, std::uint32_t limit, base::seconds window,
            base::milliseconds now) override {
    return Of(key).Take(HashOf(key), limit, window, now);
  }
  std::uint32_t Count(const domain::LimitKey& key, base::milliseconds now) override {
    return Of(key).Count(HashOf(key), now);
  }
  base::seconds Left(const domain::LimitKey& key, base::milliseconds now) override {
    return Of(key).Left(HashOf(key), now);
  }

 private:
  RateSlots& Of(const domain::LimitKey& key) {
    return sections_[static_cast<std::size_t>(key.purpose)];
  }
  std::uint64_t HashOf(const domain::LimitKey& key) const {
    return base::SipHash24(key_, key.text);
  }

  base::SipKey key_;
  std::vector<RateSlots> sections_;
};

class UsedTextSlots final : public domain::UsedTexts {
 public:
  UsedTextSlots(std::span<std::uint64_t> words, base::SipKey key)
      : key_(key), slots_(words, 0, WhenFull::kRefuse) {}
  Use Take(std::string_view text, records::RecordId request_id, base::seconds window,
           base::milliseconds now) override {
    const std::uint64_t mark = base::SipHash24(key_, base::AsText(request_id.bytes));
    return slots_.Claim(base::SipHash24(key_, text), std::max(static_cast<std::uint32_t>(mark), 1U),
                        window, now);
  }

 private:
  base::SipKey key_;
  RateSlots slots_;
};

// The text by which the kernel tells one boot from the next.
Result<std::string> ReadBootId() {
  constexpr const char* kPath = "/proc/sys/kernel/random/boot_id";
  const base::UniqueFd fd(::open(kPath, O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return base::ErrnoStatus(std::string("open ") + kPath, errno);
  std::array<char, 64> text{};
  const ssize_t size = ::read(fd.get(), text.data(), text.size());
  if (size <= 0) return base::ErrnoStatus(std::string("read ") + kPath, errno);
  return std::string(text.data(), static_cast<std::size_t>(size));
}

}  // namespace

class SharedTables::Impl {
 public:
  Impl(base::MappedFile file, base::SipKey key, std::uint64_t boot)
      : file_(std::move(file)),
        polls_(Section(kPolls), key),
        limits_(file_.words(), key),
        used_jtis_(Section(kUsedJtis), key),
        poison_(Section(kPoison).first(PoisonTable::kWords), boot),
        death_notes_(Section(kPoison).subspan(PoisonTable::kWords, DeathNotes::kWords)) {}

  PollSlots& polls() { return polls_; }
  PurposeLimits& limits() { return limits_; }
  UsedTextSlots& used_jtis() { return used_jtis_; }
  std::span<std::uint64_t> counters() { return Section(kCounters); }
  PoisonTable& poison() { return poison_; }
  DeathNotes& death_notes() { return death_notes_; }

 private:
  std::span<std::uint64_t> Section(std::size_t section) {
    return file_.words().subspan(OffsetOf(section), WordsOf(section));
  }

  base::MappedFile file_;
  PollSlots polls_;
  PurposeLimits limits_;
  UsedTextSlots used_jtis_;
  PoisonTable poison_;
  DeathNotes death_notes_;
};

SharedTables::SharedTables() = default;
SharedTables::~SharedTables() = default;
domain::PollTable& SharedTables::polls() { return impl_->polls(); }
domain::RateLimits& SharedTables::limits() { return impl_->limits(); }
domain::UsedTexts& SharedTables::used_jtis() { return impl_->used_jtis(); }
std::span<std::uint64_t> SharedTables::counters() { return impl_->counters(); }
PoisonTable& SharedTables::poison() { return impl_->poison(); }
DeathNotes& SharedTables::death_notes() { return impl_->death_notes(); }

Result<std::unique_ptr<SharedTables>> SharedTables::Open(const std::string& path,
                                                         domain::Random& random) {
  const auto boot_id = ReadBootId();
  if (!boot_id.ok()) return boot_id.error();
  return OpenForBoot(path, *boot_id, random);
}

Result<std::unique_ptr<SharedTables>> SharedTables::OpenForBoot(const std::string& path,
                                                                const std::string& boot_id,
                                                                domain::Random& random) {
  auto file = base::MappedFile::Open(path, kTotalWords * sizeof(std::uint64_t),
                                     base::MappedFile::Access::kReadWrite);
  if (!file.ok()) return file.error();
  if (const Status status = WriteOrCheckHeader(file->words(), path); !status.ok()) return status;
  const base::SipKey key = KeyOfBoot(file->words(), boot_id, random);
  std::unique_ptr<SharedTables> tables(new SharedTables());
  tables->impl_ = std::make_unique<Impl>(std::move(*file), key, base::Hash64(boot_id));
  return tables;
}

Result<CounterFile> CounterFile::Open(const std::string& path) {
  auto file = base::MappedFile::Open(path, kTotalWords * sizeof(std::uint64_t),
                                     base::MappedFile::Access::kReadOnly);
  if (!file.ok()) return file.error();
  const auto words = file->words();
  const bool is_ours = Load(words[0]) == kMagic && Load(words[1]) == kTableLayoutVersion &&
                       Load(words[2 + 2 * kCounters]) == OffsetOf(kCounters);
  if (!is_ours) return Status(Code::kCorrupt, path + " is not a table of this release");
  return CounterFile(std::move(*file));
}

std::span<std::uint64_t> CounterFile::counters() const {
  return file_.words().subspan(OffsetOf(kCounters), WordsOf(kCounters));
}

}  // namespace shm
