// What commands use of base/os/file.h.
#pragma once

#include "base/os/file.h"

namespace ctl {

using base::Durability;
using base::kMaxFileBytes;
using base::MakeFolder;
using base::ReadWholeFile;
using base::ReplaceFile;

}  // namespace ctl
