// The commit loop's store on SQLite. Not thread-safe.
#pragma once

#include <memory>
#include <string>

#include "store/audit/audit_keeper.h"
#include "store/backup/online_backup.h"
#include "store/writer_store.h"
#include "writer/store_maintenance.h"

namespace writer {

class SqliteMaintenance final : public StoreMaintenance {
 public:
  // `store` and `audit` outlive this. What a killed predecessor left at `backup_path` is removed.
  SqliteMaintenance(store::WriterStore& store, store::AuditKeeper& audit, std::string backup_path);
  ~SqliteMaintenance() override { EndBackup(); }
  SqliteMaintenance(const SqliteMaintenance&) = delete;
  SqliteMaintenance& operator=(const SqliteMaintenance&) = delete;

  domain::BatchApplier& applier() override { return store_.applier(); }
  base::Result<store::CheckpointRun> CheckpointIfDue() override {
    return store_.checkpointer().RunIfDue();
  }
  std::int64_t wal_frames() const override { return store_.WalFrames(); }
  bool IsWalFull() const override { return store_.checkpointer().MustRefuseWrites(); }
  base::Result<SweepRun> Sweep(base::Time now) override;
  base::Status BeginBackup() override;
  base::Result<store::OnlineBackup::Progress> StepBackup(int pages) override {
    return backup_->Step(pages);
  }
  void EndBackup() override;

 private:
  store::WriterStore& store_;
  store::AuditKeeper& audit_;
  std::string backup_path_;
  std::unique_ptr<store::OnlineBackup> backup_;
};

}  // namespace writer
