#include "client/second_log.h"

#include <array>
#include <cstdio>
#include <utility>

namespace load {

namespace {

std::string ToLine(std::uint64_t second, const SecondTally& tally) {
  const auto millis = [](std::uint64_t micros) { return static_cast<double>(micros) / 1000.0; };
  std::array<char, 256> text;
  std::snprintf(text.data(), text.size(),
                R"({"second": %llu, "answered": %llu, "failed": %llu, "p50_ms": %.3f, )"
                R"("p99_ms": %.3f, "longest_ms": %.3f})",
                static_cast<unsigned long long>(second),
                static_cast<unsigned long long>(tally.latency.count()),
                static_cast<unsigned long long>(tally.failed), millis(tally.latency.Quantile(0.5)),
                millis(tally.latency.Quantile(0.99)), millis(tally.latency.longest()));
  return text.data();
}

}  // namespace

base::Result<SecondLog> SecondLog::Open(const std::string& path, std::uint32_t threads) {
  auto file = LineFile::Append(path);
  if (!file.ok()) return file.error();
  return SecondLog(threads, std::move(*file));
}

base::Status SecondLog::Add(std::uint64_t second, const SecondTally& tally) {
  const std::lock_guard lock(mutex_);
  while (written_ + unfinished_.size() < second) unfinished_.emplace_back();
  Unfinished& sum = unfinished_[second - written_ - 1];
  sum.tally.latency.Merge(tally.latency);
  sum.tally.failed += tally.failed;
  ++sum.threads;
  while (!unfinished_.empty() && unfinished_.front().threads == threads_) {
    file_.Add(ToLine(++written_, unfinished_.front().tally));
    unfinished_.pop_front();
  }
  return file_.Flush();
}

}  // namespace load
