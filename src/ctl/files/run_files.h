// What nginx_config uses of supervisor/run_files.h.
#pragma once

#include "supervisor/run_files.h"

namespace ctl {

using supervisor::WriteRunFile;

}  // namespace ctl
