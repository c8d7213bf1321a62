#include "limits/shared_table.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/os/unique_fd.h"
#include "limits/bucket.h"
#include "limits/poll_slots.h"
#include "limits/rate_slots.h"

namespace limits {

namespace {

using base::Code;
using base::Result;
using base::Status;

// file       := header polls guesses quotas used_jtis counters poison   all in 64-bit words
// header     := magic, layout version, {offset, words} of each section, zeros to 4096 bytes
// polls      := poll_slots.cc
// counters   := metrics/layout.h
// poison     := poison_table.cc, zeros to its end
// the others := rate_slots.cc
//
// A section to come goes behind the last, and its {offset, words} behind the last in the header.
constexpr std::uint64_t kMagic = 0x4c4b5441424c4531ULL;  // "LKTABLE1"
constexpr std::size_t kHeaderWords = 512;
constexpr std::size_t kSectionWords = std::size_t{1} << 18U;
constexpr std::size_t kPoisonWords = 3584;
static_assert(PoisonTable::kWords <= kPoisonWords);
constexpr std::size_t kCounters = 4;
constexpr std::size_t kPoison = 5;
constexpr std::array kSizes{kSectionWords, kSectionWords, kSectionWords,
                            kSectionWords, kSectionWords, kPoisonWords};
constexpr std::size_t kSections = kSizes.size();

constexpr std::size_t OffsetOf(std::size_t section) {
  return std::accumulate(kSizes.begin(), kSizes.begin() + section, kHeaderWords);
}
constexpr std::size_t kTotalWords = OffsetOf(kSections);

constexpr std::array<std::uint64_t, 2 + 2 * kSections> kHeader = [] {
  std::array<std::uint64_t, 2 + 2 * kSections> header{kMagic, kTableLayoutVersion};
  for (std::size_t section = 0; section < kSections; ++section) {
    header[2 + 2 * section] = OffsetOf(section);
    header[3 + 2 * section] = kSizes[section];
  }
  return header;
}();

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
  Impl(base::MappedFile file, std::uint64_t seed)
      : file_(std::move(file)),
        polls_(Section(0), seed),
        guesses_(Section(1), seed, WhenFull::kRefuse),
        quotas_(Section(2), seed, WhenFull::kLetPass),
        used_jtis_(Section(3), seed, WhenFull::kRefuse),
        poison_(Section(kPoison).first(PoisonTable::kWords), seed) {}

  PollSlots& polls() { return polls_; }
  RateSlots& guesses() { return guesses_; }
  RateSlots& quotas() { return quotas_; }
  RateSlots& used_jtis() { return used_jtis_; }
  std::span<std::uint64_t> counters() { return Section(kCounters); }
  PoisonTable& poison() { return poison_; }

 private:
  std::span<std::uint64_t> Section(std::size_t section) {
    return file_.words().subspan(OffsetOf(section), kSizes[section]);
  }

  base::MappedFile file_;
  PollSlots polls_;
  RateSlots guesses_;
  RateSlots quotas_;
  RateSlots used_jtis_;
  PoisonTable poison_;
};

SharedTables::SharedTables() = default;
SharedTables::~SharedTables() = default;
oauth::PollTable& SharedTables::polls() { return impl_->polls(); }
oauth::RateLimits& SharedTables::guesses() { return impl_->guesses(); }
oauth::RateLimits& SharedTables::quotas() { return impl_->quotas(); }
oauth::RateLimits& SharedTables::used_jtis() { return impl_->used_jtis(); }
std::span<std::uint64_t> SharedTables::counters() { return impl_->counters(); }
PoisonTable& SharedTables::poison() { return impl_->poison(); }

Result<std::unique_ptr<SharedTables>> SharedTables::Open(const std::string& path) {
  const auto boot_id = ReadBootId();
  if (!boot_id.ok()) return boot_id.error();
  return OpenForBoot(path, *boot_id);
}

Result<std::unique_ptr<SharedTables>> SharedTables::OpenForBoot(const std::string& path,
                                                                const std::string& boot_id) {
  auto file = base::MappedFile::Open(path, kTotalWords * sizeof(std::uint64_t),
                                     base::MappedFile::Access::kReadWrite);
  if (!file.ok()) return file.error();
  if (const Status status = WriteOrCheckHeader(file->words(), path); !status.ok()) return status;
  std::unique_ptr<SharedTables> tables(new SharedTables());
  // The seed also keeps strangers from working out which addresses share a bucket.
  tables->impl_ = std::make_unique<Impl>(std::move(*file), base::Hash64(boot_id));
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
  return file_.words().subspan(OffsetOf(kCounters), kSectionWords);
}

}  // namespace limits
