// How backups in a folder are called, and which of them are to go. Pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace ctl {

// "20261127T031500Z": names in order of time when sorted as text.
std::string TimeStamp(base::Time time);
// "latchkey-20261127T031500Z.db".
std::string BackupName(base::Time time);
bool IsBackupName(std::string_view name);
// Of all names in a folder the backups beyond the newest `keep`, oldest first. Others are never in it.
std::vector<std::string> SurplusBackups(std::vector<std::string> names, std::size_t keep);

}  // namespace ctl
