// What came of the requests. Not thread-safe: one for each thread, merged at the end.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "client/histogram.h"
#include "client/scenario.h"

namespace load {

// Why a request counts as failed.
enum class Failure : std::uint8_t {
  kConnect,    // no connection
  kClosed,     // the connection ended before the answer did
  kTimeout,    // no answer in time
  kMalformed,  // not HTTP
  kStatus,     // another status than the right one
  kType,       // another content type
  kField,      // the member or text looked for is missing
  kCount,
};
std::string_view FailureName(Failure failure);

struct KindTally {
  Histogram latency;           // right answers of the measured time
  std::uint64_t answered = 0;  // right answers, whenever
  std::array<std::uint64_t, static_cast<std::size_t>(Failure::kCount)> failures{};
  std::map<int, std::uint64_t> wrong_statuses;

  void Fail(Failure failure) { ++failures[static_cast<std::size_t>(failure)]; }
  std::uint64_t failed() const;
  void Merge(const KindTally& other);
};

struct Tally {
  explicit Tally(std::size_t kinds) : by_kind(kinds) {}
  std::vector<KindTally> by_kind;
  std::uint64_t reconnects = 0;
  std::uint64_t sent_again = 0;       // Options::sends_again; not among the failures
  std::uint64_t over_one_second = 0;  // answers, right or wrong, whenever
  std::uint64_t longest_micros = 0;   // the same
  double measured_seconds = 0;        // the longest of the threads
  bool used_up = false;               // ended early: a `once` kind had no variant left

  void Merge(const Tally& other);
  // One JSON object: totals, then an object for each kind.
  std::string ToJson(const Scenario& scenario) const;
};

}  // namespace load
