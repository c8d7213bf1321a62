// One service of the supervisor: its process, and when it may start again. Not thread-safe.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/processes.h"
#include "supervisor/spawn.h"

namespace supervisor {

class Service {
 public:
  // `process` is a row of base::kProcesses.
  Service(const base::Process& process, ProcessSpec spec)
      : process_(process), spec_(std::move(spec)) {}

  const base::Process& process() const { return process_; }
  const ProcessSpec& spec() const { return spec_; }
  const std::string& name() const { return spec_.name; }
  pid_t pid() const { return pid_; }  // 0: not running

  void OnStarted(pid_t pid);
  // Back-off: at once after a run of 250 ms or more, else 100 ms, doubling to 5 s.
  void OnExited();
  base::milliseconds restart_delay() const { return delay_; }
  base::milliseconds TimeToRestart() const;
  bool IsDue() const;  // it ended, and its delay has passed

  void Signal(int number) const;
  void KillGroup() const;
  // The process is dead and not yet reaped: what it left in its group is asked to finish and go.
  void EndOrphans() const;

 private:
  const base::Process& process_;
  ProcessSpec spec_;
  pid_t pid_ = 0;
  bool has_run_ = false;
  std::int64_t started_at_ = 0;  // monotonic microseconds
  std::int64_t ended_at_ = 0;
  base::milliseconds delay_{0};
};

// Direct children of this process, zombies included; empty where /proc does not tell.
std::vector<pid_t> ChildrenOfThisProcess();

}  // namespace supervisor
