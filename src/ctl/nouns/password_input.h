// A password from standard input. Lives on main's thread.
#pragma once

#include <string>

#include "base/status.h"

namespace ctl {

// The first line. On a terminal it asks, twice, and shows nothing of what is typed. kInvalid:
// empty, too short or long, or the two differ.
base::Result<std::string> ReadPassword();

}  // namespace ctl
