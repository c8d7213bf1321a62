#include "ctl/status/process_info.h"

#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "base/number.h"
#include "base/os/file.h"
#include "base/os/owner.h"
#include "ctl/print/text.h"

namespace ctl {

namespace {

// Places after the name in /proc/PID/stat.
constexpr std::size_t kStateField = 0;
constexpr std::size_t kParentField = 1;
constexpr std::size_t kUserTimeField = 11;
constexpr std::size_t kSystemTimeField = 12;
constexpr std::size_t kStartField = 19;

std::vector<std::string_view> Split(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t begin = text.find_first_not_of(" \t\n");
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(" \t\n"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

}  // namespace

std::optional<ProcessInfo> ParseStat(std::string_view line, std::int64_t ticks_per_second) {
  const std::size_t open = line.find(" (");
  const std::size_t close = line.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return std::nullopt;
  }
  const auto pid = base::ParseNumber<pid_t>(line.substr(0, open));
  const auto fields = Split(line.substr(close + 1));
  if (!pid || fields.size() <= kStartField || fields[kStateField].size() != 1) return std::nullopt;
  const auto parent = base::ParseNumber<pid_t>(fields[kParentField]);
  const auto start = base::ParseNumber<std::int64_t>(fields[kStartField]);
  const auto user = base::ParseNumber<std::int64_t>(fields[kUserTimeField]);
  const auto system = base::ParseNumber<std::int64_t>(fields[kSystemTimeField]);
  if (!parent || !start || !user || !system || ticks_per_second <= 0) return std::nullopt;
  return ProcessInfo{.pid = *pid,
                     .parent = *parent,
                     .name = std::string(line.substr(open + 2, close - open - 2)),
                     .state = fields[kStateField][0],
                     .started = base::seconds(*start / ticks_per_second),
                     .cpu = base::milliseconds((*user + *system) * 1000 / ticks_per_second)};
}

std::vector<ProcessInfo> ListProcesses() {
  const std::int64_t ticks_per_second = ::sysconf(_SC_CLK_TCK);
  std::vector<ProcessInfo> processes;
  std::error_code error;
  std::filesystem::directory_iterator entries("/proc", error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    if (!base::ParseNumber<pid_t>(entries->path().filename().string())) continue;
    const auto line = base::ReadWholeFile(entries->path().string() + "/stat");
    const auto process = line.ok() ? ParseStat(*line, ticks_per_second) : std::nullopt;
    if (process) processes.push_back(*process);
  }
  return processes;
}

std::vector<ProcessInfo> WithDescendants(const std::vector<ProcessInfo>& processes, pid_t root) {
  std::vector<ProcessInfo> family;
  for (const ProcessInfo& process : processes) {
    if (process.pid == root) family.push_back(process);
  }
  for (std::size_t i = 0; i < family.size(); ++i) {
    for (const ProcessInfo& process : processes) {
      if (process.parent == family[i].pid && process.pid != root) family.push_back(process);
    }
  }
  return family;
}

namespace {

// A file of texts that each end with a NUL.
std::vector<std::string> ReadTexts(const std::string& path) {
  const auto content = base::ReadWholeFile(path);
  std::vector<std::string> words;
  std::string_view rest = content.ok() ? std::string_view(*content) : std::string_view();
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\0'), rest.size());
    words.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return words;
}

}  // namespace

std::vector<std::string> ReadCommandLine(pid_t pid) {
  return ReadTexts("/proc/" + std::to_string(pid) + "/cmdline");
}

std::vector<std::string> ReadEnvironment(pid_t pid) {
  const base::AsCaller caller;
  return ReadTexts("/proc/" + std::to_string(pid) + "/environ");
}

std::optional<std::uint64_t> ParsePss(std::string_view smaps_rollup) {
  for (const std::string& line : SplitLines(smaps_rollup)) {
    const auto words = Split(line);
    if (words.size() < 2 || words[0] != "Pss:") continue;
    const auto kilobytes = base::ParseNumber<std::uint64_t>(words[1]);
    return kilobytes ? std::optional(*kilobytes * 1024) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> ReadPss(pid_t pid) {
  const base::AsCaller caller;
  const auto content = base::ReadWholeFile("/proc/" + std::to_string(pid) + "/smaps_rollup");
  return content.ok() ? ParsePss(*content) : std::nullopt;
}

std::optional<pid_t> ReadPidFile(const std::string& path) {
  const auto content = base::ReadWholeFile(path);
  if (!content.ok()) return std::nullopt;
  const auto words = Split(*content);
  const auto pid = words.empty() ? std::nullopt : base::ParseNumber<pid_t>(words[0]);
  return pid && *pid > 0 ? pid : std::nullopt;
}

std::set<pid_t> ReadPids(const std::string& path) {
  std::set<pid_t> pids;
  const auto content = base::ReadWholeFile(path);
  if (!content.ok()) return pids;
  for (const std::string_view word : Split(*content)) {
    if (const auto pid = base::ParseNumber<pid_t>(word)) pids.insert(*pid);
  }
  return pids;
}

}  // namespace ctl
