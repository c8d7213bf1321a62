// The end of `latchkey run`: all in order, and nothing left.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <utility>
#include <vector>

#include "supervisor/health_probe.h"
#include "supervisor/supervisor.h"

namespace supervisor {

namespace {

using base::milliseconds;

constexpr milliseconds kStopStep{100};
constexpr milliseconds kLeftoverStep{2};
constexpr milliseconds kLeftoverLimit{5000};

std::int64_t DeadlineIn(milliseconds time) {
  return base::MonotonicMicros() + std::chrono::microseconds(time).count();
}

}  // namespace

void Supervisor::Stop() {
  ready_ = false;
  options_.tcp.clear();  // whoever connects from here on is refused, not left waiting
  std::size_t last = 0;
  for (const Service& service : services_) last = std::max(last, base::StageOf(service.process()));
  for (std::size_t stage = last + 1; stage-- > 0;) StopStage(stage);
  KillLeftovers();
  for (const Service& service : services_) {
    ::unlink(options_.settings.RunPath(service.name() + ".pid").c_str());
  }
}

void Supervisor::StopStage(std::size_t stage) {
  std::vector<std::pair<Service*, std::int64_t>> told;
  for (Service& service : services_) {
    const base::Process& process = service.process();
    if (base::StageOf(process) != stage) continue;
    service.Signal(process.stop_signal);
    told.emplace_back(&service, DeadlineIn(base::StopLimitOf(process, options_.settings)));
  }
  for (const auto& [service, deadline] : told) AwaitEnd(*service, deadline);
}

void Supervisor::AwaitEnd(Service& service, std::int64_t deadline) {
  const bool may_hurry = &service.process() != &base::kWriter;
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
