// Files that only their owner may read. Internal to this module. Thread-safe.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/status.h"

namespace crypto {

// kDenied, saying how to mend it, where anybody but the owner, root and ourselves may read or
// write.
base::Status CheckPrivate(int fd, const std::string& path);

// Makes `path` with mode 0600 and these bytes, all or nothing, on disk when it returns. kExists: it
// is there already.
base::Status WritePrivateFile(const std::string& path, base::ByteView bytes);
// The same in place of what is there; by rename alone, which every file system has.
base::Status ReplacePrivateFile(const std::string& path, base::ByteView bytes);

}  // namespace crypto
