// Brings a database to the schema this build was made with: the files of sql/ in the order of their
// numbers, each in a transaction of its own. `PRAGMA user_version` is the number of the last one.
// The writer alone calls it. Source: docs/storage.md.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/status.h"
#include "store/database.h"

namespace store {

struct Migration {
  std::int64_t version;
  std::string_view sql;
};

// Those built into this binary.
std::span<const Migration> BuiltInMigrations();

// kInvalid: the file has a newer schema than this build knows.
base::Status Migrate(Database& database, std::span<const Migration> migrations);

}  // namespace store
