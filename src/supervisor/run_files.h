// Files that `latchkey run` makes afresh at each start: nginx's configuration, pid files, logs kept
// within bounds. Not synced to disk: what a crash loses of them the next start writes again.
// Used by the supervisor's one thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"

namespace supervisor {

// Mode 0600; replaces the content, whole or not at all.
base::Status WriteRunFile(const std::string& path, std::string_view content);

// One that is there as long as this lives.
class RunFile {
 public:
  static base::Result<RunFile> Write(std::string path, std::string_view content);
  RunFile(RunFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  RunFile& operator=(RunFile&&) = delete;
  ~RunFile();

 private:
  explicit RunFile(std::string path) : path_(std::move(path)) {}
  std::string path_;  // empty: moved from
};

inline constexpr std::int64_t kMostLogBytes = 64LL * 1024 * 1024;

// Renames PATH to PATH.1 (replacing the one before it) where it is longer than `most_bytes`. true:
// it was, and whoever writes it must open it again. A missing file is none of our business.
bool RotateByRename(const std::string& path, std::int64_t most_bytes);
// The same for a file whose writers cannot open it again (they append): copies, then empties it.
// Lines written in between are lost.
bool RotateByCopy(const std::string& path, std::int64_t most_bytes);

}  // namespace supervisor
