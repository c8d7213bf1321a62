#include "worker/fcgi/child_signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace worker {

base::Result<ChildSignals> ChildSignals::Take() {
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  for (const int ignored : {SIGPIPE, SIGINT, SIGHUP, SIGUSR1}) {
    if (sigaction(ignored, &ignore, nullptr) != 0) return base::ErrnoStatus("sigaction", errno);
  }
  // The mask after that: until here the parent's blocks whatever was not ignored yet.
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigaddset(&blocked, SIGQUIT);
  if (sigprocmask(SIG_SETMASK, &blocked, nullptr) != 0) {
    return base::ErrnoStatus("sigprocmask", errno);
  }
  base::UniqueFd fd(signalfd(-1, &blocked, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.valid()) return base::ErrnoStatus("signalfd", errno);
  return ChildSignals(std::move(fd));
}

ChildSignal ChildSignals::Next() {
  signalfd_siginfo info{};
  if (::read(fd_.get(), &info, sizeof info) != sizeof info) return ChildSignal::kNone;
  return info.ssi_signo == SIGQUIT ? ChildSignal::kStop : ChildSignal::kDrain;
}

}  // namespace worker
