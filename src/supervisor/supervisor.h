// The supervisor of `latchkey run`: starts the processes of base/processes.h in their order, restarts what dies with
// back-off, and stops all the other way; nothing outlives it. One thread, which blocks its signals and
// takes them in its loop. Children and their sockets: supervisor_process.h; their order:
// docs/ARCHITECTURE.md "processes".
//
//   SIGTERM, SIGINT   stop: nginx, pools, writer; a second one: without waiting for the first two
//   SIGHUP            check the configuration, then reload those that can
//   SIGUSR1           restart the writer alone
//
// Started on a terminal it stops when that is closed.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/os/unique_fd.h"
#include "base/processes.h"
#include "base/settings.h"
#include "base/status.h"
#include "supervisor/service.h"
#include "supervisor/sockets.h"
#include "supervisor/spawn.h"

namespace supervisor {

class HealthProbe;

class Supervisor {
 public:
  struct Options {
    std::array<ProcessSpec, base::kProcessCount> processes;  // in the order of base::kProcesses
    base::Settings settings;                                 // run_dir: NAME.pid files
    std::vector<TcpListener> tcp;                            // owned until the stop; nginx's
    UnixListeners sockets;                                   // owned until the end
    std::function<bool(pid_t)> is_writer_serving;            // says so of the writer with this pid
    std::function<base::Status()> prepare_reload;  // checks and rewrites what SIGHUP takes up
    std::function<bool()> keep_logs;  // every few seconds; true: nginx must open its log again
    base::milliseconds start_limit{30000};
  };

  static base::Result<std::unique_ptr<Supervisor>> Create(Options options, const base::Log& log);
  ~Supervisor();  // as Stop()

  // Until nginx answers /healthz with 200. Whatever ends before that, or a signal to stop, makes
  // this fail; the caller stops. kUnavailable: told to stop.
  base::Status Start();
  // Until told to stop.
  void Run();
  bool told_to_stop() const { return stop_signals_ > 0; }
  // Stops all in order and leaves no process behind. Takes at most the sum of their limits and 5 s.
  void Stop();
  // Runs a program of its own beside the services until it ends. An error where it does not exit
  // with 0.
  base::Status RunOnce(const ProcessSpec& spec);

 private:
  Supervisor(Options options, const base::Log& log);
  base::Status Open();

  base::Status StartService(Service& service);
  base::Status AwaitWhileStarting(const std::function<bool()>& is_so, const char* what);
  base::Status WaitedInVain(const char* what);
  bool IsHealthy();

  void WaitForEvents(base::milliseconds timeout);
  void TakeSignals();
  void OnHangUp();
  void StopWithTerminal();
  void RestartWriter();
  void Reap();
  void OnExit(Service& service, int wait_status);
  void RestartDue();
  void Reload();
  void KeepLogs();
  base::milliseconds TimeToNextEvent() const;

  // Kills it where it is still there at the deadline, in monotonic microseconds.
  void AwaitEnd(Service& service, std::int64_t deadline);
  void KillLeftovers();
  // Of the last stage first.
  void StopStage(std::size_t stage);
  // What its row says that others wait for.
  base::Status AwaitReady(Service& service);

  Options options_;
  const base::Log& log_;
  std::vector<Service> services_;  // in the order of base::kProcesses
  base::UniqueFd signals_;
  bool had_terminal_ = false;
  bool ready_ = false;  // restarts happen from here on
  int stop_signals_ = 0;
  Service* failed_ = nullptr;  // the first that ended before all was ready
  std::string failed_how_;
  std::string last_answer_;  // to the probe, where it was none that it wants
  pid_t once_pid_ = 0;
  std::optional<int> once_status_;
  std::unique_ptr<HealthProbe> probe_;
  std::int64_t next_probe_ = 0;     // monotonic microseconds
  std::int64_t next_log_look_ = 0;  // the same
};

}  // namespace supervisor
