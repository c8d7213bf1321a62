#include "supervisor/service.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>

namespace supervisor {

namespace {

using base::milliseconds;

constexpr milliseconds kFirstDelay{100};
constexpr milliseconds kLongestDelay{5000};
constexpr milliseconds kGoodRun{250};

milliseconds Since(std::int64_t monotonic_micros) {
  return std::chrono::duration_cast<milliseconds>(
      std::chrono::microseconds(base::MonotonicMicros() - monotonic_micros));
}

}  // namespace

void Service::OnStarted(pid_t pid) {
  pid_ = pid;
  has_run_ = true;
  started_at_ = base::MonotonicMicros();
}

void Service::OnExited() {
  if (pid_ != 0 && Since(started_at_) >= kGoodRun) {
    delay_ = milliseconds(0);
  } else {
    delay_ = std::clamp(2 * delay_, kFirstDelay, kLongestDelay);
  }
  pid_ = 0;
  ended_at_ = base::MonotonicMicros();
}

milliseconds Service::TimeToRestart() const {
  return std::max(milliseconds(0), delay_ - Since(ended_at_));
}

bool Service::IsDue() const { return has_run_ && pid_ == 0 && TimeToRestart() == milliseconds(0); }

void Service::Signal(int number) const {
  if (pid_ != 0) ::kill(pid_, number);
}

void Service::KillGroup() const {
  if (pid_ != 0) ::kill(-pid_, SIGKILL);
}

void Service::EndOrphans() const {
  if (pid_ != 0 && spec_.orphan_signal != 0) ::kill(-pid_, spec_.orphan_signal);
}

std::vector<pid_t> ChildrenOfThisProcess() {
  const std::string self = std::to_string(getpid());
  std::ifstream file("/proc/" + self + "/task/" + self + "/children");
  std::vector<pid_t> children;
  for (pid_t pid = 0; file >> pid;) children.push_back(pid);
  return children;
}

}  // namespace supervisor
