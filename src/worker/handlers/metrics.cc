#include <array>
#include <string>
#include <string_view>

#include "base/processes.h"
#include "metrics/disk.h"
#include "metrics/exposition.h"
#include "metrics/reasons.h"
#include "metrics/writer.h"
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
    sample(base::kWriter.name, app.page->Get(writer_gauge));
}

void WriteUsage(const Counts& counts, const App& app, Exposition* out) {
  WriteUsage("latchkey_process_cpu_seconds_total", "counter",
             "User and system time since the process's start.", Gauge::kCpuMicros,
             WriterGauge::kCpuMicros, counts, app, out);
  WriteUsage("latchkey_process_resident_memory_bytes", "gauge",
             "Memory in RAM; pages that processes share are in each.", Gauge::kResidentBytes,
             WriterGauge::kResidentBytes, counts, app, out);
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
    out.Sample({{"process", base::kWriter.name}}, app.page->Get(WriterGauge::kLogLinesDropped));
    metrics::WriteWriter(*app.page, app.ports.clock.SinceBoot(),
                         base::milliseconds(app.ports.settings.heartbeat_old_ms), &out);
  }
  WriteUsage(counts, app, &out);
  metrics::WriteDisk(app.ports.settings, &out);
  metrics::WriteLastBackup(app.ports.settings, &out);
  http::Response response;
  response.content_type = Exposition::kContentType;
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = out.text();
  return response;
}

}  // namespace worker
