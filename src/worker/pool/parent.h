// A pool's parent process: settings and inherited sockets become places to serve (prefork.h).
#pragma once

#include "base/status.h"
#include "worker/pool/command_line.h"

namespace worker {

// Supervises until told to stop.
base::Status RunParent(const CommandLine& line);

}  // namespace worker
