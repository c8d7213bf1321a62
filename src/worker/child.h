// A child: everything it needs, opened after its exec, around the loop that serves.
#pragma once

#include "base/status.h"
#include "worker/pool/command_line.h"

namespace worker {

// Serves until drained. Takes over the descriptors of line.place.
base::Status RunChild(const CommandLine& line);

}  // namespace worker
