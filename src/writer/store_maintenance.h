// What the commit loop needs of the store, beside applying batches: its housekeeping, done between
// batches. Implemented over store::WriterStore (sqlite_maintenance.h) and by the fakes of the tests.
// Not thread-safe: the writer has one thread.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/status.h"
#include "domain/ports/batch_applier.h"
#include "store/backup/online_backup.h"
#include "store/checkpointer.h"

namespace writer {

struct SweepRun {
  std::int64_t rows = 0;  // deleted
  bool more = false;      // more expired rows are known to be there
};

class StoreMaintenance {
 public:
  virtual ~StoreMaintenance() = default;
  virtual domain::BatchApplier& applier() = 0;

  // Checkpoints where its policy says so. Any error is one after which the writer must stop.
  virtual base::Result<store::CheckpointRun> CheckpointIfDue() = 0;
  // Frames in the WAL.
  virtual std::int64_t wal_frames() const = 0;
  // The WAL reached its hard limit: no batch may be applied until a checkpoint succeeded.
  virtual bool IsWalFull() const = 0;

  // Deletes some expired rows and seals some of the audit log, in transactions of its own. Errors as
  // BatchApplier::Apply.
  virtual base::Result<SweepRun> Sweep(base::Time now) = 0;

  // A copy of the database in a file beside it (store/backup/online_backup.h), one at a time. Errors
  // end the copy and say nothing about the store.
  virtual base::Status BeginBackup() = 0;
  virtual base::Result<store::OnlineBackup::Progress> StepBackup(int pages) = 0;
  // Wherever it stands: closes it, and removes the file where nobody has taken it.
  virtual void EndBackup() = 0;
};

}  // namespace writer
