#include <sys/stat.h>
#include <sys/statvfs.h>

#include <array>
#include <string>
#include <string_view>

#include "metrics/exposition.h"
#include "metrics/reasons.h"
#include "worker/handlers/handlers.h"

namespace worker {

namespace {

using metrics::ChildCounts;
using metrics::Count;
using metrics::Counts;
using metrics::Exposition;
using metrics::Gauge;
using metrics::Reason;
using shm::WriterGauge;

constexpr std::array<std::string_view, 4> kClassNames{"2xx", "3xx", "4xx", "5xx"};
constexpr std::int64_t kChildOldMs = 3000;  // an idle child's loop turns once a second

// "POST", "/oauth/token"; where a name has no method: "", the name.
std::pair<std::string_view, std::string_view> SplitRoute(std::string_view name) {
  const std::size_t blank = name.find(' ');
  if (blank == std::string_view::npos) return {"", name};
  return {name.substr(0, blank), name.substr(blank + 1)};
}

// ---- requests ----

void WriteRequests(const Counts& counts, Exposition* out) {
  out->Family("latchkey_requests_total", "counter",
              "Answers of all children by address and class of status.");
  for (const metrics::RouteCounts& route : counts.routes) {
    const auto [method, path] = SplitRoute(route.name);
    for (std::size_t i = 0; i < kClassNames.size(); ++i) {
      out->Sample({{"method", method}, {"route", path}, {"status", kClassNames[i]}},
                  route.classes[i]);
    }
  }
  out->Family(
      "latchkey_request_duration_seconds", "histogram",
      "From when a child took a request up to its answer, the write included. Addresses that "
      "were asked.");
  for (const metrics::RouteCounts& route : counts.routes) {
    if (metrics::CountOf(route.buckets) == 0) continue;
    const auto [method, path] = SplitRoute(route.name);
    out->Histogram({{"method", method}, {"route", path}}, route.buckets, route.micros);
  }
  out->Family(
      "latchkey_queue_wait_seconds", "histogram",
      "From when nginx had a request to when a child took it up; nginx counts milliseconds.");
  out->Histogram({}, counts.waits, counts.wait_micros);
}

// ---- what is counted by reason ----

template <std::size_t kSize>
void WriteReasons(std::string_view name, std::string_view help, std::string_view label,
                  const std::array<Reason, kSize>& reasons, const Counts& counts, Exposition* out) {
  out->Family(name, "counter", help);
  for (const Reason& reason : reasons) {
    out->Sample({{label, reason.label}}, counts.Sum(reason.count));
  }
}

void WriteSum(std::string_view name, std::string_view help, Count count, const Counts& counts,
              Exposition* out) {
  out->Family(name, "counter", help);
  out->Sample(counts.Sum(count));
}

void WriteRefusals(const Counts& counts, Exposition* out) {
  WriteReasons("latchkey_requests_refused_total", "Refused before any handler saw them.", "reason",
               metrics::kRefusals, counts, out);
  constexpr std::array kGuesses{Reason{Count::kWrongUserCode, "user_code"},
                                Reason{Count::kWrongPassword, "password"}};
  WriteReasons("latchkey_wrong_guesses_total", "Wrong user codes and passwords.", "secret",
               kGuesses, counts, out);
  WriteReasons("latchkey_limited_total", "Not even tried: a limit of [limits] held.", "limit",
               metrics::kLimited, counts, out);
}

void WriteWrites(const Counts& counts, std::uint64_t parked, Exposition* out) {
  WriteSum("latchkey_writes_total", "Records that children had for the writer.", Count::kWrites,
           counts, out);
  WriteReasons("latchkey_writes_failed_total", "Of them, those that nobody may rely on.", "reason",
               metrics::kWriteFailures, counts, out);
  out->Family("latchkey_writes_parked", "gauge", "Requests that wait for the writer now.");
  out->Sample(parked);
  WriteSum("latchkey_clients_gone_total", "Clients that left while their write was pending.",
           Count::kClientsGone, counts, out);
  WriteSum("latchkey_slow_reads_total", "Handlers that took longer than slow_ms.",
           Count::kSlowReads, counts, out);
}

// ---- children ----

std::string_view PoolOf(const ChildCounts& child) {
  return std::string_view(child.name).substr(0, child.name.find_last_of('-'));
}

template <class Value>
void WriteChildren(std::string_view name, std::string_view type, std::string_view help,
                   const std::vector<ChildCounts>& children, Value value, Exposition* out) {
  out->Family(name, type, help);
  for (const ChildCounts& child : children) {
    out->Sample({{"pool", PoolOf(child)}, {"child", child.name}}, value(child));
  }
}

// Live ones have gauges; counts stay, for a place is served again.
void WriteChildren(const Counts& counts, std::int64_t now_ms, Exposition* out) {
  const auto up = [now_ms](const ChildCounts& child) {
    return std::uint64_t{child.IsAlive(now_ms, kChildOldMs)};
  };
  WriteChildren("latchkey_child_up", "gauge", "1 while the child's loop turns.", counts.children,
                up, out);
  WriteChildren(
      "latchkey_child_connections", "gauge", "Connections of nginx that the child holds.",
      counts.children,
      [&](const ChildCounts& child) { return up(child) * child[Gauge::kConnections]; }, out);
  WriteChildren(
      "latchkey_child_requests_total", "counter", "Answers of the child.", counts.children,
      [](const ChildCounts& child) { return child.requests; }, out);
  WriteChildren(
      "latchkey_child_starts_total", "counter", "Starts of the child's place.", counts.children,
      [](const ChildCounts& child) { return child[Count::kStarts]; }, out);
  WriteChildren(
      "latchkey_child_drains_total", "counter", "Ends as told; starts without one were deaths.",
      counts.children, [](const ChildCounts& child) { return child[Count::kDrains]; }, out);
  WriteChildren(
      "latchkey_child_deaths_at_work_total", "counter",
      "Deaths of a request: the child ended by itself while it worked on one.", counts.children,
      [](const ChildCounts& child) { return child[Count::kDeathsAtWork]; }, out);
}

std::uint64_t ParkedNow(const Counts& counts, std::int64_t now_ms) {
  std::uint64_t parked = 0;
  for (const ChildCounts& child : counts.children) {
    if (child.IsAlive(now_ms, kChildOldMs)) parked += child[Gauge::kPendingWrites];
  }
  return parked;
}

// ---- CPU and memory ----

void WriteUsage(std::string_view name, std::string_view type, std::string_view help, Gauge gauge,
                WriterGauge writer_gauge, const Counts& counts, const App& app, Exposition* out) {
  out->Family(name, type, help);
  const auto sample = [&](std::string_view process, std::uint64_t value) {
    if (value == 0) return;  // not told yet
    if (gauge == Gauge::kCpuMicros) out->Seconds({{"process", process}}, value);
    if (gauge == Gauge::kResidentBytes) out->Sample({{"process", process}}, value);
  };
  const base::milliseconds now = app.ports.clock.SinceBoot();
  for (const ChildCounts& child : counts.children) {
    if (child.IsAlive(now.count(), kChildOldMs)) sample(child.name, child[gauge]);
  }
  const base::milliseconds old(app.ports.settings.heartbeat_old_ms);
  if (app.page != nullptr && app.page->IsAlive(now, old))
    sample("writer", app.page->Get(writer_gauge));
}

void WriteUsage(const Counts& counts, const App& app, Exposition* out) {
  WriteUsage("latchkey_process_cpu_seconds_total", "counter",
             "User and system time since the process's start.", Gauge::kCpuMicros,
             WriterGauge::kCpuMicros, counts, app, out);
  WriteUsage("latchkey_process_resident_memory_bytes", "gauge",
             "Memory in RAM; pages that processes share are in each.", Gauge::kResidentBytes,
             WriterGauge::kResidentBytes, counts, app, out);
}

// ---- the writer ----

enum class Unit : std::uint8_t { kNumber, kMicros, kMillis };

struct WriterFamily {
  WriterGauge gauge;
  Unit unit;
  std::string_view name, type, help;
};

constexpr std::array kWriterFamilies{
    WriterFamily{WriterGauge::kQueueDepth, Unit::kNumber, "latchkey_writer_queue_depth", "gauge",
                 "Records that waited at the writer's last turn."},
    WriterFamily{WriterGauge::kPeers, Unit::kNumber, "latchkey_writer_peers", "gauge",
                 "Children and commands connected."},
    WriterFamily{WriterGauge::kBatches, Unit::kNumber, "latchkey_writer_batches_total", "counter",
                 "Transactions committed since the writer's start, one fsync each."},
    WriterFamily{WriterGauge::kRecords, Unit::kNumber, "latchkey_writer_records_total", "counter",
                 "Records committed."},
    WriterFamily{WriterGauge::kRecordsRefused, Unit::kNumber,
                 "latchkey_writer_records_refused_total", "counter",
                 "Records answered unavailable or full."},
    WriterFamily{WriterGauge::kLastBatchRecords, Unit::kNumber,
                 "latchkey_writer_last_batch_records", "gauge", "Records of the last batch."},
    WriterFamily{WriterGauge::kCommitMicrosTotal, Unit::kMicros,
                 "latchkey_writer_commit_seconds_total", "counter", "Time of all commits."},
    WriterFamily{WriterGauge::kLastCommitMicros, Unit::kMicros,
                 "latchkey_writer_last_commit_seconds", "gauge", "Time of the last commit."},
    WriterFamily{WriterGauge::kLongestCommitMicros, Unit::kMicros,
                 "latchkey_writer_longest_commit_seconds", "gauge",
                 "Longest commit since the writer's start."},
    WriterFamily{WriterGauge::kWalFrames, Unit::kNumber, "latchkey_writer_wal_frames", "gauge",
                 "Frames in the WAL, a page each."},
    WriterFamily{WriterGauge::kWalFramesLongest, Unit::kNumber, "latchkey_writer_wal_frames_most",
                 "gauge", "Most frames since the writer's start."},
    WriterFamily{WriterGauge::kCheckpoints, Unit::kNumber, "latchkey_writer_checkpoints_total",
                 "counter", "Checkpoints tried."},
    WriterFamily{WriterGauge::kCheckpointsBusy, Unit::kNumber,
                 "latchkey_writer_checkpoints_busy_total", "counter",
                 "Checkpoints that found readers in the way."},
    WriterFamily{WriterGauge::kLastCheckpointMicros, Unit::kMicros,
                 "latchkey_writer_last_checkpoint_seconds", "gauge",
                 "Time of the last checkpoint."},
    WriterFamily{WriterGauge::kLongestCheckpointMicros, Unit::kMicros,
                 "latchkey_writer_longest_checkpoint_seconds", "gauge",
                 "Longest checkpoint since the writer's start."},
    WriterFamily{WriterGauge::kExpiredRows, Unit::kNumber, "latchkey_writer_expired_rows_total",
                 "counter", "Expired rows removed."},
    WriterFamily{WriterGauge::kDirectoryGeneration, Unit::kNumber,
                 "latchkey_writer_directory_generation", "gauge",
                 "Rises with each change of an organization, service, client, plan or key."},
    WriterFamily{WriterGauge::kStartedAtMs, Unit::kMillis, "latchkey_writer_started_at_seconds",
                 "gauge", "Unix time of the writer's start."},
};

void WriteWriter(const shm::WriterPage& page, const App& app, Exposition* out) {
  const base::milliseconds now = app.ports.clock.SinceBoot();
  const bool is_alive = page.IsAlive(now, base::milliseconds(app.ports.settings.heartbeat_old_ms));
  out->Family("latchkey_writer_up", "gauge", "1 while the writer's heartbeat is young.");
  out->Sample(std::uint64_t{is_alive});
  out->Family("latchkey_writer_heartbeat_age_seconds", "gauge", "Since the writer's last turn.");
  const auto beat = static_cast<std::int64_t>(page.Get(WriterGauge::kHeartbeatMs));
  out->Seconds(1000 * static_cast<std::uint64_t>(std::max<std::int64_t>(now.count() - beat, 0)));
  out->Family("latchkey_writer_state", "gauge", "1 for the state the writer says it is in.");
  for (const auto state :
       {shm::WriterState::kDown, shm::WriterState::kServing, shm::WriterState::kRestarting,
        shm::WriterState::kWalFull, shm::WriterState::kDiskFull}) {
    out->Sample({{"state", shm::ToText(state)}}, std::uint64_t{page.state() == state});
  }
  for (const WriterFamily& family : kWriterFamilies) {
    out->Family(family.name, family.type, family.help);
    const std::uint64_t value = page.Get(family.gauge);
    if (family.unit == Unit::kNumber) out->Sample(value);
    if (family.unit == Unit::kMicros) out->Seconds(value);
    if (family.unit == Unit::kMillis) out->Seconds(1000 * value);
  }
}

// ---- the disk ----

// stat(2), never open(2): a closed descriptor of the database would drop SQLite's locks.
void WriteFileSize(std::string_view name, std::string_view help, const std::string& path,
                   Exposition* out) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return;
  out->Family(name, "gauge", help);
  out->Sample(static_cast<std::uint64_t>(info.st_size));
}

void WriteDisk(const base::Settings& settings, Exposition* out) {
  const std::string path = settings.DatabasePath();
  WriteFileSize("latchkey_database_bytes", "Size of latchkey.db.", path, out);
  WriteFileSize("latchkey_wal_bytes", "Size of latchkey.db-wal, which it keeps.", path + "-wal",
                out);
  struct statvfs info {};
  if (::statvfs(settings.data_dir.c_str(), &info) != 0) return;
  out->Family("latchkey_disk_free_bytes", "gauge", "Room left where the database is.");
  out->Sample(static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize);
}

// The command that makes backups leaves a file behind it.
void WriteLastBackup(const base::Settings& settings, Exposition* out) {
  struct stat info {};
  const bool is_there =
      ::lstat(settings.LastBackupPath().c_str(), &info) == 0 && S_ISREG(info.st_mode);
  out->Family("latchkey_last_backup_timestamp_seconds", "gauge",
              "Unix time of the last backup that was finished and checked; 0: none yet.");
  out->Sample(is_there ? static_cast<std::uint64_t>(info.st_mtim.tv_sec) : 0);
}

}  // namespace

http::Outcome HandleMetrics(const http::Request&, const App& app) {
  const Counts counts = metrics::ReadCounts(app.counted);
  const std::int64_t now_ms = app.ports.clock.SinceBoot().count();
  Exposition out;
  WriteRequests(counts, &out);
  WriteRefusals(counts, &out);
  WriteWrites(counts, ParkedNow(counts, now_ms), &out);
  WriteChildren(counts, now_ms, &out);
  out.Family("latchkey_log_lines_dropped_total", "counter",
             "Lines that standard error could not take at once.");
  out.Sample({{"process", "workers"}}, counts.Sum(Count::kLogLinesDropped));
  if (app.page != nullptr) {
    app.page->MapIfMissing();
    out.Sample({{"process", "writer"}}, app.page->Get(WriterGauge::kLogLinesDropped));
    WriteWriter(*app.page, app, &out);
  }
  WriteUsage(counts, app, &out);
  WriteDisk(app.ports.settings, &out);
  WriteLastBackup(app.ports.settings, &out);
  http::Response response;
  response.content_type = Exposition::kContentType;
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = out.text();
  return response;
}

}  // namespace worker
