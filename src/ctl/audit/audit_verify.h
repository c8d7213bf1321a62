// `latchkey audit verify`. Lives on main's thread.
#pragma once

#include "base/status.h"
#include "ctl/admin/admin.h"
#include "ctl/args.h"

namespace ctl {

// kOk: every seal holds, and so do the heads of the file of --against. kCorrupt: what does not was
// printed.
base::Status VerifyAudit(const Args& args, Admin& admin);

}  // namespace ctl
