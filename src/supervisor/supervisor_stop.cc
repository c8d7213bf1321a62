// The end of `latchkey run`: all in order, and nothing left.
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>

#include "supervisor/health_probe.h"
#include "supervisor/service.h"
#include "supervisor/supervisor.h"

namespace supervisor {

namespace {

using base::milliseconds;

constexpr milliseconds kStopStep{100};
constexpr milliseconds kLeftoverStep{2};
constexpr milliseconds kLeftoverLimit{5000};

// How long each is waited for before it is killed. nginx has sent its pools all they will get; the
// writer empties its log.
constexpr milliseconds kNginxStopLimit{5000};
constexpr milliseconds kWriterStopLimit{10000};

std::int64_t DeadlineIn(milliseconds time) {
  return base::MonotonicMicros() + std::chrono::microseconds(time).count();
}

}  // namespace

void Supervisor::Stop() {
  ready_ = false;
  options_.tcp.clear();  // whoever connects from here on is refused, not left waiting
  nginx_->Signal(SIGQUIT);
  AwaitEnd(*nginx_, DeadlineIn(kNginxStopLimit));
  api_->Signal(SIGTERM);
  login_->Signal(SIGTERM);
  const std::int64_t pools_deadline = DeadlineIn(options_.pool_stop_limit);
  AwaitEnd(*api_, pools_deadline);
  AwaitEnd(*login_, pools_deadline);
  writer_->Signal(SIGTERM);
  AwaitEnd(*writer_, DeadlineIn(kWriterStopLimit));
  KillLeftovers();
  for (Service* service : All()) {
    ::unlink((options_.run_dir + "/" + service->name() + ".pid").c_str());
  }
}

void Supervisor::AwaitEnd(Service& service, std::int64_t deadline) {
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
  const std::int64_t deadline = DeadlineIn(kLeftoverLimit);
  while (base::MonotonicMicros() < deadline) {
    for (const pid_t pid : ChildrenOfThisProcess()) ::kill(pid, SIGKILL);
    siginfo_t info{};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD) return;
    WaitForEvents(kLeftoverStep);
  }
}

}  // namespace supervisor
