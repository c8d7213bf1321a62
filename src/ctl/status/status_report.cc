#include "ctl/status/status_report.h"

#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include "base/processes.h"
#include "ctl/command.h"
#include "shm/shared_table.h"

namespace ctl {

namespace {

using shm::WriterGauge;

constexpr std::string_view kSystemdUnits = "/sys/fs/cgroup/system.slice/";

// stat(2), never open(2): a closed descriptor of the database would drop SQLite's locks
// (docs/storage.md).
std::optional<std::uint64_t> SizeOf(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(info.st_size);
}

std::optional<std::uint64_t> PssOf(const std::vector<ProcessInfo>& processes) {
  std::uint64_t sum = 0;
  for (const ProcessInfo& process : processes) {
    const auto pss = ReadPss(process.pid);
    if (!pss) return std::nullopt;
    sum += *pss;
  }
  return sum;
}

// After a crash or a boot a pid file may name a process that has nothing to do with us.
bool IsOurs(const ProcessInfo& process) {
  return process.state != 'Z' &&
         (process.name.starts_with("latchkey") ||
          std::ranges::any_of(base::kProcesses, [&](const base::Process& row) {
            return !row.is_ours() && process.name.starts_with(row.program);
          }));
}

// The main process of latchkey-NAME.service: the one of its control group that no other of them
// started.
std::optional<pid_t> MainPidOfUnit(const std::vector<ProcessInfo>& all, const std::string& name) {
  const auto pids =
      ReadPids(std::string(kSystemdUnits) + "latchkey-" + name + ".service/cgroup.procs");
  for (const ProcessInfo& process : all) {
    if (pids.contains(process.pid) && !pids.contains(process.parent)) return process.pid;
  }
  return std::nullopt;
}

std::optional<pid_t> PidOf(const base::Settings& settings, const std::vector<ProcessInfo>& all,
                           const std::string& name) {
  const auto pid = ReadPidFile(settings.RunPath(name + ".pid"));
  if (pid || settings.run_dir != kInstalledRunDir) return pid;
  const std::size_t row = base::ProcessIndex(name);
  const bool is_ours = row == base::kProcessCount || base::kProcesses.at(row).is_ours();
  return is_ours ? MainPidOfUnit(all, name) : ReadPidFile("/run/" + name + ".pid");
}

ServiceProcess Look(const base::Settings& settings, const std::vector<ProcessInfo>& all,
                    const std::string& name, base::milliseconds since_boot) {
  ServiceProcess service{.name = name, .pid = {}, .processes = 0, .uptime = {}, .pss_bytes = {}};
  const auto family = ServiceFamily(settings, all, name);
  if (family.empty()) return service;
  service.pid = family.front().pid;
  service.processes = static_cast<std::int64_t>(family.size());
  service.uptime = std::chrono::floor<base::seconds>(since_boot) - family.front().started;
  service.pss_bytes = PssOf(family);
  return service;
}

std::optional<PoisonReport> ReadPoison(const base::Settings& settings) {
  const auto file = shm::CounterFile::Open(settings.RunPath("shared.tables"));
  if (!file.ok()) return std::nullopt;
  return PoisonOf(metrics::ReadCounts(file->counters()));
}

// The last heartbeat of a writer that has just ended is still young.
bool IsThere(pid_t pid) { return pid == 0 || ::kill(pid, 0) == 0 || errno == EPERM; }

}  // namespace

WriterReport ReadWriter(const base::Settings& settings, base::milliseconds since_boot) {
  const auto page = shm::WriterPage::OpenForReading(settings.RunPath("writer.page"));
  WriterReport report;
  report.state = page.state();
  report.alive = page.IsAlive(since_boot, base::milliseconds(settings.heartbeat_old_ms)) &&
                 IsThere(static_cast<pid_t>(page.Get(WriterGauge::kPid)));
  const auto heartbeat =
      base::milliseconds(static_cast<std::int64_t>(page.Get(WriterGauge::kHeartbeatMs)));
  report.heartbeat_age = std::max(since_boot - heartbeat, base::milliseconds(0));
  struct Entry {
    WriterGauge gauge;
    std::uint64_t WriterReport::*member;
  };
  constexpr std::array kEntries{
      Entry{WriterGauge::kDirectoryGeneration, &WriterReport::directory_generation},
      Entry{WriterGauge::kQueueDepth, &WriterReport::queue_depth},
      Entry{WriterGauge::kPeers, &WriterReport::peers},
      Entry{WriterGauge::kBatches, &WriterReport::batches},
      Entry{WriterGauge::kRecords, &WriterReport::records},
      Entry{WriterGauge::kRecordsRefused, &WriterReport::records_refused},
      Entry{WriterGauge::kLastBatchRecords, &WriterReport::last_batch_records},
      Entry{WriterGauge::kLastCommitMicros, &WriterReport::last_commit_us},
      Entry{WriterGauge::kLongestCommitMicros, &WriterReport::longest_commit_us},
      Entry{WriterGauge::kCommitMicrosTotal, &WriterReport::commit_us_total},
      Entry{WriterGauge::kCheckpoints, &WriterReport::checkpoints},
      Entry{WriterGauge::kCheckpointsBusy, &WriterReport::checkpoints_busy},
      Entry{WriterGauge::kLastCheckpointMicros, &WriterReport::last_checkpoint_us},
      Entry{WriterGauge::kLongestCheckpointMicros, &WriterReport::longest_checkpoint_us},
      Entry{WriterGauge::kWalFrames, &WriterReport::wal_frames},
      Entry{WriterGauge::kWalFramesLongest, &WriterReport::wal_frames_most},
      Entry{WriterGauge::kExpiredRows, &WriterReport::expired_rows},
  };
  for (const Entry& entry : kEntries) report.*(entry.member) = page.Get(entry.gauge);
  report.started_at_ms = static_cast<std::int64_t>(page.Get(WriterGauge::kStartedAtMs));
  return report;
}

PoisonReport PoisonOf(const metrics::Counts& counts) {
  return {.deaths = counts.Sum(metrics::Count::kDeathsAtWork),
          .requests_refused = counts.Sum(metrics::Count::kPoisonousRequest),
          .network_requests_refused = counts.Sum(metrics::Count::kNetworkShutOut)};
}

std::vector<ProcessInfo> ServiceFamily(const base::Settings& settings,
                                       const std::vector<ProcessInfo>& all,
                                       const std::string& name) {
  const auto pid = PidOf(settings, all, name);
  auto family = pid ? WithDescendants(all, *pid) : std::vector<ProcessInfo>();
  if (family.empty() || !IsOurs(family.front())) return {};
  if (name == kSupervisorName) family.resize(1);
  return family;
}

std::vector<std::string> ServiceNames() {
  std::vector<std::string> names{std::string(kSupervisorName)};
  for (const base::Process& process : base::kProcesses) names.emplace_back(process.name);
  return names;
}

std::string_view StateWord(const WriterReport& writer) {
  switch (writer.state) {
    case shm::WriterState::kDown:
      return "down";
    case shm::WriterState::kServing:
      return writer.alive ? "serving" : "silent";
    case shm::WriterState::kRestarting:
      return writer.alive ? "restarting" : "down";
    case shm::WriterState::kWalFull:
      return writer.alive ? "WAL full" : "silent";
    case shm::WriterState::kDiskFull:
      return writer.alive ? "disk full" : "silent";
  }
  return "unknown";
}

bool StatusReport::serving() const {
  const auto runs = [this](std::string_view name) {
    return std::any_of(services.begin(), services.end(), [name](const ServiceProcess& service) {
      return service.name == name && service.pid.has_value();
    });
  };
  return writer.alive && writer.state == shm::WriterState::kServing &&
         std::ranges::all_of(base::kProcesses, [&](const base::Process& process) {
           return !process.is_ours() || runs(process.name);
         });
}

StatusReport GatherStatus(const base::Settings& settings) {
  StatusReport report{.data_dir = settings.data_dir,
                      .run_dir = settings.run_dir,
                      .public_url = settings.public_url,
                      .services = {},
                      .writer = {},
                      .database_bytes = SizeOf(settings.DatabasePath()),
                      .wal_bytes = SizeOf(settings.DatabasePath() + "-wal"),
                      .last_backup = FindLastBackup(settings),
                      .poison = ReadPoison(settings),
                      .now = base::SystemClock().Now()};
  const base::milliseconds since_boot = base::SystemClock().SinceBoot();
  const auto processes = ListProcesses();
  for (const std::string& name : ServiceNames()) {
    const bool is_of_systemd = settings.run_dir == kInstalledRunDir;  // which is in its place
    if (name == kSupervisorName && is_of_systemd) continue;
    report.services.push_back(Look(settings, processes, name, since_boot));
  }
  report.writer = ReadWriter(settings, since_boot);
  return report;
}

}  // namespace ctl
