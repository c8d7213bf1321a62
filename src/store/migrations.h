// Brings a database to the schema this build was made with: the files of sql/ in the order of their
// numbers, all that are missing in one transaction, so that a file has the former schema or the newest
// one and never one between. `PRAGMA user_version` is the number of the last one.
// The one writer alone calls it. Source: docs/storage.md "Upgrades".
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "store/database.h"

namespace store {

struct Migration {
  std::int64_t version;
  std::string_view sql;
  std::string_view name = {};  // of its file
};

// Those built into this binary.
std::span<const Migration> BuiltInMigrations();

struct MigrationPlan {
  std::int64_t current = 0;  // 0: an empty file
  std::int64_t newest = 0;   // of the build
  std::vector<Migration> pending;
};
// kInvalid: the file has a newer schema than this build knows.
base::Result<MigrationPlan> PlanMigrations(Database& database,
                                           std::span<const Migration> migrations);

// Runs what is pending. kInvalid as above; else why one failed, with its number: then the file has
// the schema it had.
base::Status Migrate(Database& database, std::span<const Migration> migrations);

}  // namespace store
