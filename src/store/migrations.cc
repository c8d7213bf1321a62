#include "store/migrations.h"

#include <string>

#include "store/transaction.h"

namespace store {

namespace {

using base::Result;
using base::Status;

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
