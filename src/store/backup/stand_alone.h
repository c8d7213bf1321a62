// Makes one file of a database and its WAL. Thread-safe.
#pragma once

#include <string>

#include "base/status.h"

namespace store {

// For a database whose server is stopped: moves what the WAL holds into the file and removes the WAL, so
// that the file can be renamed or copied like any other (the next writer makes a WAL again).
// kUnavailable: another process has it open, nothing was changed; kCorrupt; kInternal.
base::Status MakeStandAlone(const std::string& path);

}  // namespace store
