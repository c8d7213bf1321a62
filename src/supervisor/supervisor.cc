#include "supervisor/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "supervisor/health_probe.h"
#include "supervisor/reason.h"
#include "supervisor/run_files.h"

namespace supervisor {

namespace {

using base::milliseconds;
using base::Status;

constexpr milliseconds kStartStep{2};
constexpr milliseconds kProbePause{20};
constexpr milliseconds kIdleStep{5000};  // how often the logs' sizes are looked at

// Whoever started us with nohup wants us to outlive the terminal.
bool IgnoresHangUp() {
  struct sigaction action {};
  return sigaction(SIGHUP, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

bool HasTerminal() { return base::UniqueFd(::open("/dev/tty", O_RDONLY | O_CLOEXEC)).valid(); }

}  // namespace

Supervisor::Supervisor(Options options, const base::Log& log)
    : options_(std::move(options)), log_(log) {
  for (std::size_t i = 0; i < base::kProcessCount; ++i) {
    services_.emplace_back(base::kProcesses.at(i), options_.processes.at(i));
  }
}

Supervisor::~Supervisor() { Stop(); }

base::Result<std::unique_ptr<Supervisor>> Supervisor::Create(Options options,
                                                             const base::Log& log) {
  std::unique_ptr<Supervisor> supervisor(new Supervisor(std::move(options), log));
  if (Status status = supervisor->Open(); !status.ok()) return status;
  return supervisor;
}

Status Supervisor::Open() {
  sigset_t mask;
  sigemptyset(&mask);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD}) sigaddset(&mask, number);
  if (sigprocmask(SIG_BLOCK, &mask, nullptr) != 0) return base::ErrnoStatus("sigprocmask", errno);
  std::signal(SIGPIPE, SIG_IGN);
  signals_.Reset(signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_.valid()) return base::ErrnoStatus("signalfd", errno);
  // Whose parent dies comes to us, so that the stop finds it.
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return base::ErrnoStatus("prctl", errno);
  had_terminal_ = HasTerminal() && !IgnoresHangUp();
  return {};
}

// ---- start ----

Status Supervisor::StartService(Service& service) {
  const auto pid = Spawn(service.spec());
  if (!pid.ok()) return pid.error();
  service.OnStarted(*pid);
  log_.Info("started", {{"process", service.name()}, {"pid", *pid}});
  if (!service.process().is_ours()) return {};  // nginx writes its own pid file
  return WriteRunFile(options_.settings.RunPath(service.name() + ".pid"),
                      std::to_string(*pid) + "\n");
}

Status Supervisor::Start() {
  for (Service& service : services_) {
    if (Status status = StartService(service); !status.ok()) return status;
    if (Status status = AwaitReady(service); !status.ok()) return status;
  }
  probe_.reset();
  ready_ = true;
  return {};
}

Status Supervisor::AwaitReady(Service& service) {
  switch (service.process().ready_when) {
    case base::ReadyWhen::kStarted:
      return {};
    case base::ReadyWhen::kPageSaysServing:
      return AwaitWhileStarting([&] { return options_.is_writer_serving(service.pid()); },
                                "the writer");
    case base::ReadyWhen::kHealthzAnswers:
      return AwaitWhileStarting([this] { return IsHealthy(); }, "an answer");
  }
  return {};
}

Status Supervisor::AwaitWhileStarting(const std::function<bool()>& is_so, const char* what) {
  const std::int64_t deadline =
      base::MonotonicMicros() + std::chrono::microseconds(options_.start_limit).count();
  while (!is_so()) {
    if (stop_signals_ > 0) return {base::Code::kUnavailable, "told to stop before all was ready"};
    if (failed_ != nullptr) {
      return {base::Code::kInternal, failed_->name() + " did not start (" + failed_how_ +
                                         "): " + ReasonOf(failed_->spec())};
    }
    if (base::MonotonicMicros() > deadline) return WaitedInVain(what);
    WaitForEvents(kStartStep);
  }
  return {};
}

// Everything runs and yet nothing serves: what each said stands above, if it said anything.
Status Supervisor::WaitedInVain(const char* what) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options_.start_limit);
  std::string text = "waited " + std::to_string(seconds.count()) + " s for " + what + " in vain";
  if (!last_answer_.empty()) text += ": /healthz " + last_answer_;
  const std::string limits = LowLimits();
  return {base::Code::kInternal, limits.empty() ? text : text + "; " + limits};
}

bool Supervisor::IsHealthy() {
  if (base::MonotonicMicros() < next_probe_) return false;
  if (probe_ == nullptr) probe_ = std::make_unique<HealthProbe>(options_.tcp.front().fd.get());
  const HealthProbe::State state = probe_->Step();
  if (state == HealthProbe::State::kFailed) {
    last_answer_ = probe_->answer();
    probe_.reset();
    next_probe_ = base::MonotonicMicros() + std::chrono::microseconds(kProbePause).count();
  }
  return state == HealthProbe::State::kHealthy;
}

// ---- one turn ----

void Supervisor::WaitForEvents(milliseconds timeout) {
  std::array<pollfd, 2> polled{
      {{.fd = signals_.get(), .events = POLLIN, .revents = 0},
       {.fd = probe_ ? probe_->fd() : -1, .events = POLLIN, .revents = 0}}};
  poll(polled.data(), polled.size(), static_cast<int>(timeout.count()));
  TakeSignals();
  Reap();
}

void Supervisor::TakeSignals() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    switch (info.ssi_signo) {
      case SIGTERM:
      case SIGINT:
        ++stop_signals_;
        break;
      case SIGHUP:
        OnHangUp();
        break;
      case SIGUSR1:
        RestartWriter();
        break;
      default:
        break;  // SIGCHLD: Reap looks each turn
    }
  }
}

void Supervisor::RestartWriter() {
  log_.Info("restarting_writer");
  for (const Service& service : services_) {
    if (&service.process() == &base::kWriter) service.Signal(base::kWriter.stop_signal);
  }
}

// The same signal says that the terminal was closed.
void Supervisor::OnHangUp() {
  StopWithTerminal();
  if (stop_signals_ == 0 && ready_) Reload();
}

// Nobody is left to serve for. Not every closed terminal sends SIGHUP: under su it never comes.
void Supervisor::StopWithTerminal() {
  if (!had_terminal_ || HasTerminal()) return;
  had_terminal_ = false;
  log_.Info("terminal_closed");
  ++stop_signals_;
}

void Supervisor::Reload() {
  if (const Status status = options_.prepare_reload(); !status.ok()) {
    log_.Error("reload_refused", {{"reason", status.message()}});
    return;
  }
  log_.Info("reloading");
  for (const Service& service : services_) {
    if (service.process().on_hang_up == base::OnHangUp::kReloads) service.Signal(SIGHUP);
  }
}

void Supervisor::Reap() {
  for (;;) {
    siginfo_t info{};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return;
    const pid_t pid = info.si_pid;
    for (const Service& service : services_) {
      // While it is not reaped its number is nobody else's: the time to speak to its process group.
      if (service.pid() == pid) service.EndOrphans();
    }
    int wait_status = 0;
    waitpid(pid, &wait_status, 0);
    if (pid == once_pid_) once_status_ = wait_status;
    for (Service& service : services_) {
      if (service.pid() == pid) OnExit(service, wait_status);
    }
  }
}

void Supervisor::OnExit(Service& service, int wait_status) {
  const std::string how = HowItEnded(wait_status);
  service.OnExited();
  if (!ready_) {
    if (failed_ == nullptr) {
      failed_ = &service;
      failed_how_ = how;
    }
    return;
  }
  log_.Warn("ended", {{"process", service.name()},
                      {"how", how},
                      {"restart_in_ms", service.restart_delay().count()}});
}

void Supervisor::RestartDue() {
  for (Service& service : services_) {
    if (!service.IsDue()) continue;
    if (const Status status = StartService(service); !status.ok()) {
      log_.Error("start_failed", {{"process", service.name()}, {"reason", status.message()}});
      if (service.pid() == 0) service.OnExited();
    }
  }
}

void Supervisor::KeepLogs() {
  if (base::MonotonicMicros() < next_log_look_) return;
  next_log_look_ = base::MonotonicMicros() + std::chrono::microseconds(kIdleStep).count();
  if (!options_.keep_logs()) return;
  for (const Service& service : services_) {
    if (!service.process().is_ours()) service.Signal(SIGUSR1);
  }
}

milliseconds Supervisor::TimeToNextEvent() const {
  milliseconds wait = kIdleStep;
  for (const Service& service : services_) {
    if (service.pid() == 0) wait = std::min(wait, service.TimeToRestart());
  }
  return wait;
}

void Supervisor::Run() {
  while (stop_signals_ == 0) {
    WaitForEvents(TimeToNextEvent());
    if (stop_signals_ > 0) return;
    RestartDue();
    KeepLogs();
    StopWithTerminal();
  }
}

Status Supervisor::RunOnce(const ProcessSpec& spec) {
  const auto pid = Spawn(spec);
  if (!pid.ok()) return pid.error();
  once_status_.reset();
  once_pid_ = *pid;
  while (!once_status_) {
    WaitForEvents(TimeToNextEvent());
    if (stop_signals_ > 0) return {base::Code::kUnavailable, "told to stop"};
    RestartDue();
  }
  once_pid_ = 0;
  if (*once_status_ == 0) return {};
  return {base::Code::kInternal, spec.name + " failed (" + HowItEnded(*once_status_) + ")"};
}

}  // namespace supervisor
