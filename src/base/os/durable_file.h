// Making files and their names survive a power cut: fsync(2) of the file, and of the folder that has
// its name. Functions are thread-safe; errors as ErrnoStatus.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"

namespace base {

// What was written to the file before is on the disk afterwards.
Status SyncFile(const std::string& path);
// The names made, changed and removed in the folder of `path` are on the disk afterwards.
Status SyncFolderOf(const std::string& path);
// Gives a complete file the name `to`, replacing what has it: after a crash there is the former file
// or the whole new one. Both names are in one file system.
Status RenameDurably(const std::string& from, const std::string& to);

// Bytes that a user without privileges may still write in the file system of `path`'s folder.
Result<std::int64_t> RoomBeside(const std::string& path);

}  // namespace base
