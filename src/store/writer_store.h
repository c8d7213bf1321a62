// The writer's side of the store: the one connection that writes and checkpoints, with what works
// on it. Not thread-safe; lives on the commit loop. Source: docs/storage.md.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "store/apply/batch_applier.h"
#include "store/backup/upgrade.h"
#include "store/checkpointer.h"
#include "store/database.h"
#include "store/migrations.h"
#include "store/sweeper.h"

namespace store {

struct WriterStoreOptions {
  Database::WriterOptions database;
  Checkpointer::Options checkpoints;
  Sweeper::Options sweeps;
  RowLimits limits;
  // The directory generation that readers may have seen already (the shared page's). This start's
  // is above it even where the database is an older one put back from a backup.
  std::uint64_t generation_floor = 0;
  std::span<const Migration> migrations = BuiltInMigrations();
  MarkSnapshot mark_snapshot;  // of the snapshot before an upgrade; may be empty
};

class WriterStore {
 public:
  // Opens the file (making it where it is missing), brings it to this build's schema (after a
  // snapshot: backup/upgrade.h), and commits a row of its own: what recovery found of the WAL after
  // a kill is durable only then, and nothing may be answered on the strength of it before.
  // kInvalid: a newer schema; kFull; kUnavailable; kCorrupt: damaged, or its schema is not this
  // program's (schema_check.h). `clock` outlives the store.
  static base::Result<std::unique_ptr<WriterStore>> Open(const WriterStoreOptions& options,
                                                         const base::Clock& clock);
  WriterStore(const WriterStore&) = delete;
  WriterStore& operator=(const WriterStore&) = delete;
  ~WriterStore();

  domain::BatchApplier& applier() { return applier_; }
  Checkpointer& checkpointer() { return checkpointer_; }
  Sweeper& sweeper() { return sweeper_; }
  Database& database() { return database_; }
  LiveCodeCounts& live_codes() { return live_codes_; }

  // The directory generation that this start begins with: larger than any used before. From here on
  // the commit loop raises the one in the shared page.
  std::uint64_t generation() const { return generation_; }

  // Frames in the WAL after the last commit or checkpoint.
  std::int64_t WalFrames() const { return checkpointer_.frames(); }

  // Empties the WAL into the database and closes it. The store is of no use afterwards.
  base::Status CloseCleanly();

 private:
  WriterStore(Database database, const WriterStoreOptions& options, const base::Clock& clock);
  base::Status RecordStart(std::uint64_t generation_floor, base::Time now);

  Database database_;
  RowLimits limits_;
  LiveCodeCounts live_codes_;
  SqliteBatchApplier applier_;
  Checkpointer checkpointer_;
  Sweeper sweeper_;
  std::uint64_t generation_ = 0;
};

}  // namespace store
