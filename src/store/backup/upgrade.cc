#include "store/backup/upgrade.h"

#include <unistd.h>

#include "base/os/durable_file.h"
#include "store/backup/online_backup.h"
#include "store/schema_check.h"

namespace store {

namespace {

using base::Result;
using base::Status;

// Nothing is served meanwhile.
constexpr int kPagesAtOnce = 4096;

Status TakeSnapshot(Database& database, const std::string& snapshot_path,
                    const MarkSnapshot& mark) {
  const std::string unfinished = snapshot_path + ".partial";
  auto backup = OnlineBackup::Begin(database, unfinished);
  if (!backup.ok()) return backup.error();
  for (bool is_done = false; !is_done;) {
    const auto progress = (*backup)->Step(kPagesAtOnce);
    if (!progress.ok()) return progress.error();
    is_done = progress->is_done;
  }
  Status status = base::RenameDurably(unfinished, snapshot_path);
  return status.ok() && mark ? mark(snapshot_path) : status;
}

}  // namespace

std::string SnapshotPath(const std::string& database_path, std::int64_t schema) {
  return database_path + ".schema-" + std::to_string(schema);
}

std::optional<std::int64_t> FindSnapshot(const std::string& database_path, std::int64_t schema) {
  for (std::int64_t former = schema - 1; former > 0; --former) {
    if (::access(SnapshotPath(database_path, former).c_str(), F_OK) == 0) return former;
  }
  return std::nullopt;
}

Status Upgrade(Database& database, const std::string& path, std::span<const Migration> migrations,
               const MarkSnapshot& mark) {
  const Result<MigrationPlan> plan = PlanMigrations(database, migrations);
  if (!plan.ok()) return plan.error();
  if (Status status = CheckSchema(database, path, migrations); !status.ok()) return status;
  if (plan->pending.empty()) return Status();
  if (plan->current > 0) {
    if (Status status = TakeSnapshot(database, SnapshotPath(path, plan->current), mark);
        !status.ok()) {
      return {status.code(), "no snapshot before the upgrade: " + status.message()};
    }
  }
  if (Status status = Migrate(database, migrations); !status.ok()) return status;
  return CheckSchema(database, path, migrations);
}

}  // namespace store
