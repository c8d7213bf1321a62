#include "writer/sqlite_room.h"

namespace writer {

base::Result<CheckpointRun> SqliteRoom::CheckpointIfDue() {
  const store::Checkpointer::Counters& counters = store_.checkpointer().counters();
  const std::uint64_t runs_before = counters.passive + counters.restart;
  const std::uint64_t busy_before = counters.busy;
  if (base::Status status = store_.checkpointer().RunIfDue(); !status.ok()) return status;
  if (counters.passive + counters.restart == runs_before) return CheckpointRun{};
  return CheckpointRun{
      .outcome = counters.busy == busy_before ? CheckpointOutcome::kDone : CheckpointOutcome::kBusy,
      .micros = counters.last_us};
}

base::Result<SweepRun> SqliteRoom::Sweep(base::Time now) {
  const auto swept = store_.sweeper().Step(now);
  if (!swept.ok()) return swept.error();
  const auto kept = audit_.Step(now);
  if (!kept.ok()) return kept.error();
  return SweepRun{.rows = swept->rows + kept->pruned, .more = swept->has_more || kept->has_more};
}

}  // namespace writer
