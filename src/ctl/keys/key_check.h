// Whether a master key is the one that a database, or a backup of it, was made under.
// Thread-compatible.
#pragma once

#include <string>

#include "base/status.h"
#include "crypto/crypto.h"

namespace ctl {

// kOk: it opens every signing key in the file that signs or will; what is retired only verifies.
// kConflict says how many it does not; errors of reading the file.
base::Status CheckKeyOpens(const crypto::MasterKey& key, const std::string& database_path);

}  // namespace ctl
