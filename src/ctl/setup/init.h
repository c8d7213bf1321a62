// What a data folder needs before it can serve: a master key, the platform's signing keys, the
// client of the administrators' command line. Lives on main's thread.
#pragma once

#include "base/status.h"
#include "ctl/admin/admin.h"

namespace ctl {

// Makes what is missing of it, through the writer that `admin` reaches, and changes nothing that is
// there: safe at every start. kConflict: the master key is lost.
base::Status InitialiseThrough(Admin& admin);

}  // namespace ctl
