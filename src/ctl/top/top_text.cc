// One screen of `latchkey top`.
#include <fmt/format.h>

#include <algorithm>

#include "ctl/print/text.h"
#include "ctl/top/top_view.h"

namespace ctl {

namespace {

std::string RateText(double rate) {
  return rate < 100 ? fmt::format("{:.1f}", rate) : fmt::format("{:.0f}", rate);
}

std::string MillisText(std::uint64_t micros) {
  const double millis = static_cast<double>(micros) / 1000;
  return micros < 100'000 ? fmt::format("{:.2f}", millis) : fmt::format("{:.0f}", millis);
}

// A zero that is no news is short, so that what is not zero stands out.
std::string ErrorText(double rate) { return rate == 0 ? "0" : RateText(rate); }

std::string RouteLine(const TopRoute& route) {
  return fmt::format("{:<44} {:>9} {:>8} {:>8} {:>9} {:>9}", route.name, RateText(route.per_second),
                     ErrorText(route.client_errors), ErrorText(route.server_errors),
                     MillisText(route.p50_us), MillisText(route.p99_us));
}

// One that happens while somebody looks stands out; what happened long ago stays to be seen.
std::string PoisonLine(const TopView& view) {
  if (view.poison.deaths == 0) return "poison   no request killed its child";
  return fmt::format("poison   {} children killed by requests, {} just now; refused for it {}/s",
                     view.poison.deaths, view.new_deaths, ErrorText(view.poison_refused));
}

void AddSummary(const TopView& view, std::vector<std::string>* lines) {
  lines->push_back(fmt::format(
      "requests {}/s, p50 {} ms, p99 {} ms, wait p99 {} ms; {} children, {} connections, {} parked",
      RateText(view.all.per_second), MillisText(view.all.p50_us), MillisText(view.all.p99_us),
      MillisText(view.wait_p99_us), view.children, view.connections, view.parked));
  lines->push_back(fmt::format(
      "errors   5xx {}/s, 4xx {}/s, refused {}/s, limited {}/s, writes failed {}/s, log lines lost "
      "{}/s",
      ErrorText(view.all.server_errors), ErrorText(view.all.client_errors), ErrorText(view.refused),
      ErrorText(view.limited), ErrorText(view.writes_failed), ErrorText(view.log_lines_dropped)));
  lines->push_back(fmt::format(
      "writer   {} records/s in {} batches/s of {:.1f}, commit {} ms, queue {}; WAL {} frames, "
      "checkpoint {} ms",
      RateText(view.records), RateText(view.batches), view.batch_records,
      MillisText(view.commit_us), view.writer.queue_depth, view.writer.wal_frames,
      MillisText(view.writer.last_checkpoint_us)));
  lines->push_back(PoisonLine(view));
}

void AddRoutes(const TopView& view, std::vector<std::string>* lines) {
  lines->emplace_back();
  lines->push_back(fmt::format("{:<44} {:>9} {:>8} {:>8} {:>9} {:>9}", "ADDRESS", "REQ/S", "4XX/S",
                               "5XX/S", "P50 MS", "P99 MS"));
  for (const TopRoute& route : view.routes) lines->push_back(RouteLine(route));
  if (view.routes.empty()) lines->emplace_back("nobody asks");
}

void AddProcesses(const TopView& view, std::vector<std::string>* lines) {
  lines->emplace_back();
  lines->push_back(
      fmt::format("{:<20} {:>8} {:>7} {:>12}", "PROCESS", "PID", "CPU %", "MEMORY (PSS)"));
  for (const TopLoad& process : view.processes) {
    lines->push_back(fmt::format("{:<20} {:>8} {:>7.0f} {:>12}", process.name, process.pid,
                                 process.cpu_percent,
                                 process.pss_bytes ? BytesText(*process.pss_bytes) : "-"));
  }
}

}  // namespace

std::string TopText(const TopView& view, const std::string& title, std::size_t rows,
                    std::size_t columns) {
  std::vector<std::string> lines{fmt::format("{}  {}, heartbeat {} ms ago", title,
                                             StateWord(view.writer),
                                             view.writer.heartbeat_age.count())};
  AddSummary(view, &lines);
  AddRoutes(view, &lines);
  AddProcesses(view, &lines);
  if (rows > 0 && lines.size() > rows) lines.resize(rows);
  std::string text;
  for (const std::string& line : lines) {
    const std::string shown = Printable(line);
    text.append(shown, 0, columns == 0 ? std::string::npos : columns).push_back('\n');
  }
  return text;
}

}  // namespace ctl
