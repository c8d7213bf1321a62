// What happened between two samples of `latchkey top`: rates, durations, load. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ctl/print/json.h"
#include "ctl/top/top_sample.h"

namespace ctl {

struct TopRoute {
  std::string name;
  double per_second = 0, client_errors = 0, server_errors = 0;  // each a second
  std::uint64_t p50_us = 0, p99_us = 0;
};
struct TopLoad {
  std::string name;
  pid_t pid = 0;
  double cpu_percent = 0;  // of one core
  std::optional<std::uint64_t> pss_bytes;
};

struct TopView {
  double seconds = 0;
  TopRoute all;                  // every address together
  std::vector<TopRoute> routes;  // that were asked meanwhile, busiest first
  std::uint64_t wait_p99_us = 0;
  double refused = 0, limited = 0, writes_failed = 0, log_lines_dropped = 0;  // each a second
  std::uint64_t children = 0, connections = 0, parked = 0;                    // now
  PoisonReport poison;                                                        // now
  std::uint64_t new_deaths = 0;                                               // between the two
  double poison_refused = 0;  // a second, of poisonous requests and of their networks
  WriterReport writer;
  double records = 0, batches = 0;  // each a second
  double batch_records = 0;         // mean
  std::uint64_t commit_us = 0;      // mean
  std::vector<TopLoad> processes;
};

// `after` is the later one. Counters that fell were begun anew.
TopView CompareSamples(const TopSample& before, const TopSample& after);

// Lines of at most `columns`, as many as `rows` hold; 0: no bound.
std::string TopText(const TopView& view, const std::string& title, std::size_t rows,
                    std::size_t columns);
JsonObject TopJson(const TopView& view);

}  // namespace ctl
