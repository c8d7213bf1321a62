#include "writer/stop_signals.h"

#include <sys/signalfd.h>

#include <cerrno>
#include <csignal>

namespace writer {

base::Result<StopSignals> StopSignals::Open() {
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGTERM);
  sigaddset(&stops, SIGINT);
  if (sigprocmask(SIG_BLOCK, &stops, nullptr) != 0) {
    return base::ErrnoStatus("sigprocmask", errno);
  }
  ::signal(SIGHUP, SIG_IGN);
  ::signal(SIGPIPE, SIG_IGN);
  base::UniqueFd fd(::signalfd(-1, &stops, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.valid()) return base::ErrnoStatus("signalfd", errno);
  return StopSignals(std::move(fd));
}

}  // namespace writer
