// A line of JSON for each second of the measured time, summed over the threads, written as soon as
// the last of them is through with it: what a plot over time needs. Thread-safe.
//   {"second": 1, "answered": 9120, "failed": 0, "p50_ms": 3.1, "p99_ms": 9.8, "longest_ms": 14.2}
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>

#include "base/status.h"
#include "client/histogram.h"
#include "client/line_file.h"

namespace load {

// One second of one thread. An answer belongs to the second in which it came.
struct SecondTally {
  Histogram latency;  // right answers
  std::uint64_t failed = 0;
};

class SecondLog {
 public:
  static base::Result<SecondLog> Open(const std::string& path, std::uint32_t threads);
  SecondLog(SecondLog&& other) noexcept : threads_(other.threads_), file_(std::move(other.file_)) {}

  // The next second of a thread; each thread has one for every second, also where nothing came.
  // `second` counts from 1.
  base::Status Add(std::uint64_t second, const SecondTally& tally);

 private:
  struct Unfinished {
    SecondTally tally;
    std::uint32_t threads = 0;  // that are through with it
  };

  SecondLog(std::uint32_t threads, LineFile file) : threads_(threads), file_(std::move(file)) {}

  const std::uint32_t threads_;
  std::mutex mutex_;
  LineFile file_;
  std::uint64_t written_ = 0;
  std::deque<Unfinished> unfinished_;  // seconds from written_ + 1 on
};

}  // namespace load
