// What /proc knows of a process and its descendants. Functions are thread-safe; what they return
// may be out of date at once.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace ctl {

struct ProcessInfo {
  pid_t pid = 0;
  pid_t parent = 0;
  std::string name;           // of the program, cut to 15 characters
  char state = '?';           // proc(5): R, S, D, Z, …
  base::seconds started{0};   // since boot
  base::milliseconds cpu{0};  // user and system time, without its children's
};

// One line of /proc/PID/stat (proc(5)); nullopt: malformed. The name in it may hold blanks and
// brackets.
std::optional<ProcessInfo> ParseStat(std::string_view line, std::int64_t ticks_per_second);

// All processes of the machine that may be seen now.
std::vector<ProcessInfo> ListProcesses();

// `root` first, then all that descend from it; empty: no such process.
std::vector<ProcessInfo> WithDescendants(const std::vector<ProcessInfo>& processes, pid_t root);

// The words of its command line; empty: gone, or a kernel thread.
std::vector<std::string> ReadCommandLine(pid_t pid);

// Its environment as it began, "NAME=VALUE" each; empty: not ours to read, or gone.
std::vector<std::string> ReadEnvironment(pid_t pid);

// Proportional set size in bytes (/proc/PID/smaps_rollup); nullopt: not ours to read, or gone.
std::optional<std::uint64_t> ReadPss(pid_t pid);
// The "Pss:" line of that file.
std::optional<std::uint64_t> ParsePss(std::string_view smaps_rollup);

// The process id in a pid file; nullopt: no file, or no number in it.
std::optional<pid_t> ReadPidFile(const std::string& path);

// A process id a line, as in cgroup.procs (cgroups(7)); empty: no such file.
std::set<pid_t> ReadPids(const std::string& path);

}  // namespace ctl
