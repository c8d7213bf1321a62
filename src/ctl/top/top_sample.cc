#include "ctl/top/top_sample.h"

#include <algorithm>

#include "ctl/status/process_info.h"
#include "shm/shared_table.h"

namespace ctl {

namespace {

// A child of a pool says on its command line who it is.
std::string NameOf(const ProcessInfo& process, const std::string& service, bool is_first) {
  if (is_first) return service;
  const auto words = ReadCommandLine(process.pid);
  const auto found = std::ranges::find(words, "--child");
  if (found != words.end() && found + 1 != words.end()) return *(found + 1);
  return service + " worker";
}

std::vector<TopProcess> ListServices(const base::Settings& settings) {
  const auto all = ListProcesses();
  std::vector<TopProcess> processes;
  for (const std::string& service : ServiceNames()) {
    const auto family = ServiceFamily(settings, all, service);
    for (const ProcessInfo& process : family) {
      processes.push_back({.name = NameOf(process, service, &process == family.data()),
                           .pid = process.pid,
                           .cpu = process.cpu,
                           .pss_bytes = ReadPss(process.pid)});
    }
  }
  return processes;
}

}  // namespace

base::Result<TopSample> TakeTopSample(const base::Settings& settings) {
  const auto file = shm::CounterFile::Open(settings.RunPath("shared.tables"));
  if (!file.ok()) return file.error();
  TopSample sample;
  sample.taken_us = base::MonotonicMicros();
  sample.since_boot = base::SystemClock().SinceBoot();
  sample.counts = metrics::ReadCounts(file->counters());
  sample.writer = ReadWriter(settings, sample.since_boot);
  sample.processes = ListServices(settings);
  return sample;
}

}  // namespace ctl
