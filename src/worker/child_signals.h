// Signals of a child: blocked except inside the loop's wait, so that none arrives between a look at
// the flag and the wait, or in the middle of an accept. Process-wide by nature; used by one thread.
#pragma once

#include <csignal>

#include "base/status.h"

namespace worker {

// Blocks SIGTERM and makes it set a flag and nothing else; ignores SIGPIPE, SIGINT, SIGHUP, SIGQUIT
// and SIGUSR1: the parent alone tells a child to stop. Call after FCGX_Init, which installs
// handlers of its own.
base::Status InstallChildSignals();
// The mask for epoll_pwait: SIGTERM let through.
sigset_t MaskWhileWaiting();
// True once SIGTERM arrived.
bool DrainRequested();

}  // namespace worker
