// The words of `latchkey status`: status_report.h gathers, this prints.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/rfc3339.h"
#include "ctl/print/table.h"
#include "ctl/print/text.h"
#include "ctl/status/status_report.h"

namespace ctl {

namespace {

Json Counted(std::uint64_t value) { return static_cast<std::int64_t>(value); }
Json Counted(const std::optional<std::uint64_t>& value) { return value ? Counted(*value) : Json(); }

std::string MillisText(std::uint64_t micros) {
  return fmt::format("{:.1f} ms", static_cast<double>(micros) / 1000);
}
std::string SizeText(const std::optional<std::uint64_t>& bytes) {
  return bytes ? BytesText(*bytes) : "-";
}
std::uint64_t Mean(std::uint64_t total, std::uint64_t count) {
  return count == 0 ? 0 : total / count;
}

std::string MeanText(std::uint64_t total, std::uint64_t count) {
  if (count == 0) return "-";
  return fmt::format("{:.1f}", static_cast<double>(total) / static_cast<double>(count));
}

JsonObject ServiceJson(const ServiceProcess& service) {
  return {{"name", service.name},
          {"pid", service.pid ? Json(static_cast<std::int64_t>(*service.pid)) : Json()},
          {"processes", service.processes},
          {"uptime_s", static_cast<std::int64_t>(service.uptime.count())},
          {"pss_bytes", Counted(service.pss_bytes)}};
}

JsonObject ServiceCells(const ServiceProcess& service) {
  if (!service.pid) return {{"name", service.name}, {"uptime", "not running"}};
  return {{"name", service.name},
          {"pid", static_cast<std::int64_t>(*service.pid)},
          {"processes", service.processes},
          {"uptime", DurationText(service.uptime)},
          {"pss", SizeText(service.pss_bytes)}};
}

std::string ServicesText(const StatusReport& report) {
  JsonArray rows;
  std::uint64_t pss = 0;
  for (const ServiceProcess& service : report.services) {
    rows.push_back(ServiceCells(service));
    pss += service.pss_bytes.value_or(0);
  }
  return TableText(rows,
                   {{"name", "PROCESS"},
                    {"pid", "PID"},
                    {"processes", "COUNT"},
                    {"uptime", "UP"},
                    {"pss", "MEMORY (PSS)"}},
                   "") +
         "all together " + BytesText(pss) + "\n";
}

std::string CheckpointText(const WriterReport& writer) {
  return fmt::format("last {}, longest {}, {} done, {} busy", MillisText(writer.last_checkpoint_us),
                     MillisText(writer.longest_checkpoint_us), writer.checkpoints,
                     writer.checkpoints_busy);
}

JsonObject WriterFields(const WriterReport& writer) {
  return {{"writer",
           fmt::format("{}, heartbeat {} ms ago", StateWord(writer), writer.heartbeat_age.count())},
          {"queue", fmt::format("{} records waiting, {} peers", writer.queue_depth, writer.peers)},
          {"committed", fmt::format("{} records in {} batches, {} refused", writer.records,
                                    writer.batches, writer.records_refused)},
          {"batch", fmt::format("last {}, mean {} records", writer.last_batch_records,
                                MeanText(writer.records, writer.batches))},
          {"commit", fmt::format("last {}, mean {}, longest {}", MillisText(writer.last_commit_us),
                                 MillisText(Mean(writer.commit_us_total, writer.batches)),
                                 MillisText(writer.longest_commit_us))},
          {"checkpoint", CheckpointText(writer)},
          {"generation", Counted(writer.directory_generation)},
          {"expired", fmt::format("{} rows removed", writer.expired_rows)}};
}

std::string BackupText(const StatusReport& report) {
  if (!report.last_backup) return "none yet: latchkey backup --help";
  const LastBackup& last = *report.last_backup;
  const auto age = std::chrono::floor<base::seconds>(report.now - last.made_at);
  return fmt::format("{}, {} ago{}{}", base::Rfc3339(last.made_at),
                     DurationText(std::max(age, base::seconds(0))), last.file.empty() ? "" : ": ",
                     Printable(last.file));
}

std::string PoisonText(const std::optional<PoisonReport>& poison) {
  if (!poison) return "-";
  if (poison->deaths == 0) return "no request killed its child";
  return fmt::format(
      "requests killed {} children: latchkey audit tail --event child.died; "
      "refused since: {} of these, {} of their networks",
      poison->deaths, poison->requests_refused, poison->network_requests_refused);
}

JsonObject StoreFields(const StatusReport& report) {
  return {{"database", SizeText(report.database_bytes)},
          {"WAL", fmt::format("{} frames, at most {}; file {}", report.writer.wal_frames,
                              report.writer.wal_frames_most, SizeText(report.wal_bytes))},
          {"last backup", BackupText(report)},
          {"poison", PoisonText(report.poison)}};
}

Json BackupJson(const std::optional<LastBackup>& last) {
  if (!last) return {};
  return JsonObject{{"made_at", base::Rfc3339(last->made_at)},
                    {"file", last->file.empty() ? Json() : Json(last->file)}};
}

Json PoisonJson(const std::optional<PoisonReport>& poison) {
  if (!poison) return {};
  return JsonObject{{"deaths", Counted(poison->deaths)},
                    {"requests_refused", Counted(poison->requests_refused)},
                    {"network_requests_refused", Counted(poison->network_requests_refused)}};
}

JsonObject WriterJson(const WriterReport& writer) {
  return {{"state", StateWord(writer)},
          {"heartbeat_age_ms", static_cast<std::int64_t>(writer.heartbeat_age.count())},
          {"started_at", writer.started_at_ms == 0
                             ? Json()
                             : Json(base::Rfc3339(base::FromUnixMillis(writer.started_at_ms)))},
          {"queue_depth", Counted(writer.queue_depth)},
          {"peers", Counted(writer.peers)},
          {"records", Counted(writer.records)},
          {"records_refused", Counted(writer.records_refused)},
          {"batches", Counted(writer.batches)},
          {"last_batch_records", Counted(writer.last_batch_records)},
          {"mean_batch_records", Counted(Mean(writer.records, writer.batches))},
          {"last_commit_us", Counted(writer.last_commit_us)},
          {"mean_commit_us", Counted(Mean(writer.commit_us_total, writer.batches))},
          {"longest_commit_us", Counted(writer.longest_commit_us)},
          {"checkpoints", Counted(writer.checkpoints)},
          {"checkpoints_busy", Counted(writer.checkpoints_busy)},
          {"last_checkpoint_us", Counted(writer.last_checkpoint_us)},
          {"longest_checkpoint_us", Counted(writer.longest_checkpoint_us)},
          {"expired_rows", Counted(writer.expired_rows)},
          {"directory_generation", Counted(writer.directory_generation)}};
}

}  // namespace

std::string StatusText(const StatusReport& report) {
  JsonObject fields = WriterFields(report.writer);
  for (JsonMember& member : StoreFields(report)) fields.push_back(std::move(member));
  return (report.serving() ? "Serving " : "Not serving ") + report.public_url + "\n\n" +
         ServicesText(report) + "\n" + FieldsText(fields);
}

JsonObject ToJson(const StatusReport& report) {
  JsonArray services;
  for (const ServiceProcess& service : report.services) services.push_back(ServiceJson(service));
  return {{"serving", report.serving()},
          {"public_url", report.public_url},
          {"data_dir", report.data_dir},
          {"run_dir", report.run_dir},
          {"processes", std::move(services)},
          {"writer", WriterJson(report.writer)},
          {"database_bytes", Counted(report.database_bytes)},
          {"wal_bytes", Counted(report.wal_bytes)},
          {"wal_frames", Counted(report.writer.wal_frames)},
          {"wal_frames_most", Counted(report.writer.wal_frames_most)},
          {"last_backup", BackupJson(report.last_backup)},
          {"poison", PoisonJson(report.poison)}};
}

}  // namespace ctl
