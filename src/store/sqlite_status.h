// The one place where SQLite's result codes become a base::Status. Thread-safe.
// Source: https://sqlite.org/rescode.html
#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"

struct sqlite3;

namespace store {

// `code` is an extended result code other than OK, ROW and DONE; `database` (may be null) adds
// SQLite's own words; `what` names the operation.
//   kFull         no room on the disk: roll back and go on
//   kUnavailable  locked, recovering or not there: trying again is right
//   kExists       a unique key is taken
//   kInvalid      another constraint, or a value too big
//   kCorrupt      not a database, or a damaged one
//   kInternal     all else; a failed fsync above all, which must never be retried
base::Status SqliteStatus(sqlite3* database, int code, std::string_view what);

// Of the library that this process runs with: 3040001 is 3.40.1.
std::int64_t SqliteVersionNumber();

}  // namespace store
