// Small files read and written whole. Functions are thread-safe.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace base {

inline constexpr std::size_t kMaxFileBytes = 1024 * 1024;

// kInvalid: longer than kMaxFileBytes; else as errno says.
Result<std::string> ReadWholeFile(const std::string& path);
// kLeftToTheKernel: a crash of the machine may lose what was written.
enum class Durability : std::uint8_t { kSynced, kLeftToTheKernel };
// All of it or the previous content, on a full disk as well: a new file of this mode, renamed into its place.
Status ReplaceFile(const std::string& path, std::string_view content, mode_t mode,
                   Durability durability = Durability::kSynced);
// Makes the folder of mode 0700 with its parents; one that is there stays as it is.
Status MakeFolder(const std::string& path);

}  // namespace base
