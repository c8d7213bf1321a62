// What commands use of supervisor/environment.h.
#pragma once

#include "supervisor/environment.h"

namespace ctl {

using supervisor::FindOwnProgram;
using supervisor::InPrefix;
using supervisor::IsLocked;
using supervisor::kListenBacklog;
using supervisor::LockData;
using supervisor::MakeDataFolder;
using supervisor::MakePathsAbsolute;
using supervisor::MakeRunFolders;
using supervisor::RunningPid;
using supervisor::UsableCores;
using supervisor::WithAdvice;

}  // namespace ctl
