#include "limits/shared_table.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <span>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "limits/bucket.h"
#include "limits/poll_slots.h"
#include "limits/rate_slots.h"

namespace limits {

namespace {

using base::Code;
using base::Result;
using base::Status;

// file    := header polls rates                                    all in 64-bit words
// header  := magic, layout version, {offset, words} of polls, {offset, words} of rates, zeros to
// 4096 bytes polls   := poll_slots.cc        rates := rate_slots.cc
//
// A section to come goes behind the last, and its {offset, words} behind the last in the header.
constexpr std::uint64_t kMagic = 0x4c4b5441424c4531ULL;  // "LKTABLE1"
constexpr std::size_t kHeaderWords = 512;
constexpr std::size_t kPollWords = std::size_t{1} << 18U;
constexpr std::size_t kRateWords = std::size_t{1} << 18U;
constexpr std::size_t kPollOffset = kHeaderWords;
constexpr std::size_t kRateOffset = kPollOffset + kPollWords;
constexpr std::size_t kTotalWords = kRateOffset + kRateWords;
constexpr std::array<std::uint64_t, 6> kHeader{kMagic,     kTableLayoutVersion, kPollOffset,
                                               kPollWords, kRateOffset,         kRateWords};

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
        polls_(file_.words().subspan(kPollOffset, kPollWords), seed),
        rates_(file_.words().subspan(kRateOffset, kRateWords), seed) {}

  PollSlots& polls() { return polls_; }
  RateSlots& rates() { return rates_; }

 private:
  base::MappedFile file_;
  PollSlots polls_;
  RateSlots rates_;
};

SharedTables::SharedTables() = default;
SharedTables::~SharedTables() = default;
oauth::PollTable& SharedTables::polls() { return impl_->polls(); }
oauth::RateLimits& SharedTables::rates() { return impl_->rates(); }

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

}  // namespace limits
