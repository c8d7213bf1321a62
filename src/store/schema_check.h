// Whether a database has the schema of its version and nothing else. What a file defines acts within
// whoever opens it: a trigger, a default or an index on an expression would change what Latchkey
// writes. So the schema is a constant of the program, and what is more or other is refused.
// Thread-compatible. Source: docs/security.md "The file".
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "store/database.h"
#include "store/migrations.h"

namespace store {

// Compares type, name, table and definition of all that `database` defines with what the first
// `user_version` of `migrations` make of an empty file. An empty file (user_version 0) defines
// nothing. `path` is for the words.
//   kCorrupt  names the first thing that is more, other or missing, and says what to do
//   kInvalid  user_version is newer than `migrations`
base::Status CheckSchema(Database& database, const std::string& path,
                         std::span<const Migration> migrations);

// SQL as it is compared: without comments, one blank where words need one. Text in quotes stays as
// it is.
std::string NormalizeSql(std::string_view sql);

}  // namespace store
