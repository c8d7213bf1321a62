#include "worker/child_signals.h"

#include <cerrno>

namespace worker {

namespace {

// A handler can reach nothing but a global; this one is read by DrainRequested() alone.
volatile std::sig_atomic_t g_drain_requested = 0;

void RequestDrain(int) { g_drain_requested = 1; }

base::Status Handle(int signal_number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  if (sigaction(signal_number, &action, nullptr) != 0) return base::ErrnoStatus("sigaction", errno);
  return {};
}

}  // namespace

base::Status InstallChildSignals() {
  for (const int ignored : {SIGPIPE, SIGINT, SIGHUP, SIGQUIT, SIGUSR1}) {
    if (auto status = Handle(ignored, SIG_IGN); !status.ok()) return status;
  }
  if (auto status = Handle(SIGTERM, RequestDrain); !status.ok()) return status;
  // The mask last: until here the parent's blocks whatever has no handler yet.
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  if (sigprocmask(SIG_SETMASK, &blocked, nullptr) != 0)
    return base::ErrnoStatus("sigprocmask", errno);
  return {};
}

sigset_t MaskWhileWaiting() {
  sigset_t none;
  sigemptyset(&none);
  return none;
}

bool DrainRequested() { return g_drain_requested != 0; }

}  // namespace worker
