// The commit loop's store on SQLite. Not thread-safe.
#pragma once

#include "store/audit/audit_keeper.h"
#include "store/writer_store.h"
#include "writer/store_room.h"

namespace writer {

class SqliteRoom final : public StoreRoom {
 public:
  // Both outlive this.
  SqliteRoom(store::WriterStore& store, store::AuditKeeper& audit) : store_(store), audit_(audit) {}

  oauth::BatchApplier& applier() override { return store_.applier(); }
  base::Result<CheckpointRun> CheckpointIfDue() override;
  std::int64_t log_frames() const override { return store_.WalFrames(); }
  bool IsLogFull() const override { return store_.checkpointer().MustRefuseWrites(); }
  base::Result<SweepRun> Sweep(base::Time now) override;

 private:
  store::WriterStore& store_;
  store::AuditKeeper& audit_;
};

}  // namespace writer
