// What commands use of base/os/owner.h.
#pragma once

#include "base/os/owner.h"

namespace ctl {

using base::ActAsOwner;
using base::AsCaller;
using base::AsOwnerOf;
using base::BecomeOwner;
using base::CheckOwner;
using base::FolderOwner;
using base::OwnerOf;
using base::OwnerOfFixed;
using base::UserName;

}  // namespace ctl
