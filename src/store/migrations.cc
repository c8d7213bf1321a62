#include "store/migrations.h"

#include <array>
#include <string>

#include "sql_files.h"
#include "store/transaction.h"

namespace store {

namespace {

using base::Result;
using base::Status;

// "0001_initial.sql" is 1.
constexpr std::int64_t VersionOf(std::string_view name) {
  std::int64_t version = 0;
  for (const char digit : name.substr(0, 4)) version = version * 10 + (digit - '0');
  return version;
}

constexpr auto kMigrations = [] {
  std::array<Migration, sql::kFiles.size()> migrations{};
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    migrations[i] = {VersionOf(sql::kFiles[i].name), sql::kFiles[i].text, sql::kFiles[i].name};
  }
  return migrations;
}();

constexpr bool AreNumberedFromOne() {
  for (std::size_t i = 0; i < kMigrations.size(); ++i) {
    if (kMigrations[i].version != static_cast<std::int64_t>(i) + 1) return false;
  }
  return true;
}
static_assert(AreNumberedFromOne(), "sql/ is numbered 0001, 0002, ... without a gap");

Status ApplyOne(Database& database, const Migration& migration, std::int64_t current) {
  const std::string sql = std::string(migration.sql) +
                          "\nPRAGMA user_version=" + std::to_string(migration.version) + ";";
  Status status = database.Execute(sql.c_str());
  if (status.ok()) return status;
  return {status.code(), "migration " + std::to_string(migration.version) +
                             " failed: " + status.message() + "; the database still has schema " +
                             std::to_string(current) + ", which the former version serves"};
}

}  // namespace

std::span<const Migration> BuiltInMigrations() { return kMigrations; }

Result<MigrationPlan> PlanMigrations(Database& database, std::span<const Migration> migrations) {
  const Result<std::int64_t> version = database.QueryInteger("PRAGMA user_version");
  if (!version.ok()) return version.error();
  MigrationPlan plan{.current = *version,
                     .newest = migrations.empty() ? 0 : migrations.back().version,
                     .pending = {}};
  if (plan.current > plan.newest) {
    return Status(base::Code::kInvalid, "the database has schema " + std::to_string(plan.current) +
                                            ", this build knows up to " +
                                            std::to_string(plan.newest) +
                                            ": start the newer version that made it");
  }
  for (const Migration& migration : migrations) {
    if (migration.version > plan.current) plan.pending.push_back(migration);
  }
  return plan;
}

Status Migrate(Database& database, std::span<const Migration> migrations) {
  const Result<MigrationPlan> plan = PlanMigrations(database, migrations);
  if (!plan.ok()) return plan.error();
  if (plan->pending.empty()) return Status();
  Result<Transaction> transaction = Transaction::Begin(database);
  if (!transaction.ok()) return transaction.error();
  for (const Migration& migration : plan->pending) {
    if (Status status = ApplyOne(database, migration, plan->current); !status.ok()) return status;
  }
  return transaction->Commit();
}

}  // namespace store
