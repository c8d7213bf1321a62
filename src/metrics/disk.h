// The families of /metrics about the database's files and the last backup. Thread-safe.
#pragma once

#include "base/settings.h"
#include "metrics/exposition.h"

namespace metrics {

void WriteDisk(const base::Settings& settings, Exposition* out);
// The command that makes backups leaves a file behind it.
void WriteLastBackup(const base::Settings& settings, Exposition* out);

}  // namespace metrics
