#include "writer/sqlite_maintenance.h"

#include <unistd.h>

#include <utility>

namespace writer {

SqliteMaintenance::SqliteMaintenance(store::WriterStore& store, store::AuditKeeper& audit,
                                     std::string backup_path)
    : store_(store), audit_(audit), backup_path_(std::move(backup_path)) {
  EndBackup();
}

base::Result<SweepRun> SqliteMaintenance::Sweep(base::Time now) {
  const auto swept = store_.sweeper().Step(now);
  if (!swept.ok()) return swept.error();
  const auto kept = audit_.Step(now);
  if (!kept.ok()) return kept.error();
  return SweepRun{.rows = swept->rows + kept->pruned, .more = swept->has_more || kept->has_more};
}

base::Status SqliteMaintenance::BeginBackup() {
  auto backup = store::OnlineBackup::Begin(store_.database(), backup_path_);
  if (!backup.ok()) return backup.error();
  backup_ = std::move(*backup);
  return {};
}

void SqliteMaintenance::EndBackup() {
  backup_.reset();
  ::unlink(backup_path_.c_str());
}

}  // namespace writer
