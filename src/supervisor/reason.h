// Why a process did not start. What it says goes where the supervisor's own words go, past it; so it is started once
// more with its standard error into memory, where it fails as it did. For a process with one thread, while it starts.
#pragma once

#include <string>

#include "supervisor/spawn.h"

namespace supervisor {

// "exit code 1", "killed by signal 25 (File size limit exceeded)".
std::string HowItEnded(int wait_status);

// Its last words at a second try, on one line; if it has none, how that try ended, or that it went on running for three
// seconds. Then the limits of this process that are low. The process is gone when this returns.
std::string ReasonOf(ProcessSpec spec);

// Resource limits below what a server needs, in words with what to do; empty: none.
std::string LowLimits();

}  // namespace supervisor
