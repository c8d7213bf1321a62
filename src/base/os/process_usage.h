// What a process has used of the machine. Thread-safe.
// Source: getrusage(2), proc_pid_statm(5).
#pragma once

#include <cstdint>

namespace base {

struct ProcessUsage {
  std::uint64_t cpu_micros = 0;      // user and system time of all its threads
  std::uint64_t resident_bytes = 0;  // in RAM, pages that others share included; 0: no /proc
};

// Of the process that asks; some tens of microseconds.
ProcessUsage OwnUsage();

}  // namespace base
