// The end of `latchkey run`: all in order, and nothing left.
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>

#include "ctl/supervisor.h"
#include "ctl/supervisor_probe.h"
#include "ctl/supervisor_service.h"

namespace ctl {

namespace {

using base::milliseconds;

constexpr milliseconds kStopStep{100};
constexpr milliseconds kLeftoverStep{2};
constexpr milliseconds kLeftoverLimit{5000};

// How long each is waited for before it is killed. A child of a pool may hold a request for its
// whole budget; the writer empties its log.
constexpr milliseconds kNginxStopLimit{5000};
constexpr milliseconds kPoolStopLimit{12000};
constexpr milliseconds kWriterStopLimit{10000};

}  // namespace

void Supervisor::Stop() {
  ready_ = false;
  options_.tcp.clear();  // whoever connects from here on is refused, not left waiting
  StopService(*nginx_, SIGQUIT, kNginxStopLimit);
  api_->Signal(SIGTERM);
  login_->Signal(SIGTERM);
  StopService(*api_, 0, kPoolStopLimit);
  StopService(*login_, 0, kPoolStopLimit);
  StopService(*writer_, SIGTERM, kWriterStopLimit);
  KillLeftovers();
  for (Service* service : All()) {
    ::unlink((options_.run_dir + "/" + service->name() + ".pid").c_str());
  }
}

void Supervisor::StopService(Service& service, int signal_number, milliseconds limit) {
  if (signal_number != 0) service.Signal(signal_number);
  const std::int64_t deadline = base::MonotonicMicros() + std::chrono::microseconds(limit).count();
  const bool may_hurry = &service != writer_.get();
  while (service.pid() != 0 && base::MonotonicMicros() < deadline) {
    if (may_hurry && stop_signals_ > 1) break;
    WaitForEvents(kStopStep);
  }
  if (service.pid() == 0) return;
  log_.Warn("killed", {{"process", service.name()}, {"reason", "it did not stop"}});
  service.KillGroup();
}

// Whatever is still there was left by a service: it is a child of ours by now (subreaper).
void Supervisor::KillLeftovers() {
  const std::int64_t deadline =
      base::MonotonicMicros() + std::chrono::microseconds(kLeftoverLimit).count();
  while (base::MonotonicMicros() < deadline) {
    for (const pid_t pid : ChildrenOfThisProcess()) ::kill(pid, SIGKILL);
    siginfo_t info{};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD) return;
    WaitForEvents(kLeftoverStep);
  }
}

}  // namespace ctl
