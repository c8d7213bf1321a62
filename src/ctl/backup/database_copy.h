// The copy of the database that becomes a backup: through the writer that serves it, or from the file
// where none does. Lives on main's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/settings.h"
#include "base/status.h"

namespace ctl {

// How far it is, in pages.
using CopyProgress = std::function<void(std::int64_t copied, std::int64_t total)>;

// Makes `path`, mode 0600, belonging to us; it stands alone and is not synced yet. Where a writer runs,
// it makes the copy beside its database, and we take it from there. Where none runs the file is read in
// one read transaction, so that a writer that starts meanwhile does no harm; nothing is upgraded.
// An error leaves nothing at `path`. kNotFound, kUnavailable: no database; kConflict: another backup is
// being made; kFull: no room beside the database or at `path`.
base::Status CopyDatabase(const base::Settings& settings, const std::string& path,
                          const CopyProgress& progress);

// Copies what `from` holds from its start into a new file, mode 0600. An error leaves nothing there.
base::Status CopyIntoNewFile(int from, const std::string& path);

}  // namespace ctl
