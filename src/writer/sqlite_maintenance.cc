#include "writer/sqlite_maintenance.h"

#include <unistd.h>

#include <utility>

namespace writer {

SqliteMaintenance::SqliteMaintenance(store::WriterStore& store, store::AuditKeeper& audit,
                                     std::string backup_path)
    : store_(store), audit_(audit), backup_path_(std::move(backup_path)) {
  EndBackup();
}

base::Result<CheckpointRun> SqliteMaintenance::CheckpointIfDue() {
  const store::Checkpointer::Counters& counters = store_.checkpointer().counters();
  const std::uint64_t runs_before = counters.passive + counters.restart;
  const std::uint64_t busy_before = counters.busy;
  if (base::Status status = store_.checkpointer().RunIfDue(); !status.ok()) return status;
  if (counters.passive + counters.restart == runs_before) return CheckpointRun{};
  return CheckpointRun{
      .outcome = counters.busy == busy_before ? CheckpointOutcome::kDone : CheckpointOutcome::kBusy,
      .micros = counters.last_us};
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

base::Result<BackupStep> SqliteMaintenance::StepBackup(int pages) {
  const auto progress = backup_->Step(pages);
  if (!progress.ok()) return progress.error();
  return BackupStep{.copied_pages = progress->copied_pages,
                    .total_pages = progress->total_pages,
                    .is_done = progress->is_done};
}

void SqliteMaintenance::EndBackup() {
  backup_.reset();
  ::unlink(backup_path_.c_str());
}

}  // namespace writer
