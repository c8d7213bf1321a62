// A password from standard input. Lives on main's thread.
#pragma once

#include <string>

#include "base/status.h"

namespace ctl {

// The first line, never empty; whether it will do as a password is asked later (accounts/password_policy.h).
// On a terminal it asks, twice, and shows nothing of what is typed. kInvalid: empty or not there, or the
// two differ.
base::Result<std::string> ReadPassword();

}  // namespace ctl
