// Migrations with a way back: before the first one runs, the database is copied to a file beside it.
// For the one writer at its start, and for whoever holds its lock. Not thread-safe.
// Source: docs/storage.md "Upgrades".
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "base/status.h"
#include "store/database.h"
#include "store/migrations.h"

namespace store {

// "DATA/latchkey.db.schema-1": the database as it was before it left schema 1.
std::string SnapshotPath(const std::string& database_path, std::int64_t schema);
// The newest snapshot of a schema before `schema`; nullopt: there is none.
std::optional<std::int64_t> FindSnapshot(const std::string& database_path, std::int64_t schema);

// What is done with a snapshot that has its name: whoever has a key puts a MAC beside it. An error
// stops the upgrade.
using MarkSnapshot = std::function<base::Status(const std::string& path)>;

// Brings the database (the file at `path`) to the newest schema of `migrations`. Where something is
// pending on a file that is not empty, the snapshot of its schema is made first, durably; a former one
// of the same schema is replaced. An error leaves the database as it was: kFull, no room for the
// snapshot; else as PlanMigrations, CheckSchema (asked before anything changes) and Migrate.
base::Status Upgrade(Database& database, const std::string& path,
                     std::span<const Migration> migrations, const MarkSnapshot& mark = {});

}  // namespace store
