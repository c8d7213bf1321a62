// The last backup of this data that was finished and checked: DATA/last-backup says where it was put,
// the file's own time says when. It outlives restarts; a scrape of /metrics looks at the time.
// Functions are thread-safe.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/settings.h"
#include "base/status.h"

namespace ctl {

struct LastBackup {
  std::string file;  // may have been moved away since; empty: not ours to read
  base::Time made_at;
};

base::Status NoteBackup(const base::Settings& settings, const std::string& file);
// nullopt: none yet.
std::optional<LastBackup> FindLastBackup(const base::Settings& settings);

}  // namespace ctl
