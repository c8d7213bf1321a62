// Who typed the command, for the audit log: the user who became another one by sudo, else the login
// name of the process's user, else its number. A claim: what the kernel knows, the uid, the writer adds
// by itself. Lives on main's thread.
#pragma once

#include <string>

namespace ctl {

std::string OperatorName();

}  // namespace ctl
