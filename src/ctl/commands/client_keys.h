// The public keys of a client that authenticates by private_key_jwt. Lives on main's thread.
#pragma once

#include <string>

#include "base/status.h"

namespace ctl {

// The JWKS in `path`, each key checked, written anew with the members we use. kNotFound: no such
// file; kInvalid says which key is wrong.
base::Result<std::string> ReadClientKeys(const std::string& path);

}  // namespace ctl
