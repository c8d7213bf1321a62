// What `latchkey top` looks at once a second, without asking any process: the counters of the children, the
// writer's page, /proc. Lives on main's thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/settings.h"
#include "ctl/status/status_report.h"
#include "metrics/counters.h"

namespace ctl {

struct TopProcess {
  std::string name;  // "writer", "api", "api-2", "nginx worker"
  pid_t pid = 0;
  base::milliseconds cpu{0};               // since its start
  std::optional<std::uint64_t> pss_bytes;  // absent: not ours to read
};

struct TopSample {
  std::int64_t taken_us = 0;         // CLOCK_MONOTONIC
  base::milliseconds since_boot{0};  // CLOCK_BOOTTIME
  metrics::Counts counts;
  WriterReport writer;
  std::vector<TopProcess> processes;
};

// kNotFound: no pool has ever run here. kDenied: not ours to read. kCorrupt: of another release.
base::Result<TopSample> TakeTopSample(const base::Settings& settings);

}  // namespace ctl
