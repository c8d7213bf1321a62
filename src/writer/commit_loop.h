// The writer's one loop: take what the peers have queued, commit it as one batch, answer, keep
// house. Natural group commit: a batch closes as soon as nothing more is queued, so that the
// records which arrive during one commit are the next batch; there is no fixed wait. What does not
// fit into one waits in fair turns (fair_turns.h). Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "shm/writer_page.h"
#include "writer/backup_service.h"
#include "writer/peers/peer_server.h"
#include "writer/store_maintenance.h"
#include "writer/sweep_pacer.h"
#include "writer/writer_gauges.h"

namespace writer {

struct CommitLoopOptions {
  std::size_t batch_records = 256;      // most records of one transaction
  base::milliseconds batch_time{5};     // longest time to gather one
  base::milliseconds slow_commit{100};  // a commit or checkpoint that takes longer is logged
  base::milliseconds heartbeat{200};    // longest time between two heartbeats when idle
  base::milliseconds drain_time{500};   // longest time of the last batches at a stop
  int backup_pages_per_step = 64;       // of a backup, every BackupService::kStepPause
};

class CommitLoop {
 public:
  // All references outlive it. The page says kServing from the first turn on.
  CommitLoop(CommitLoopOptions options, PeerServer& peers, StoreMaintenance& store,
             shm::WriterPage& page, const base::Clock& clock, const base::Log& log);

  // Serves until the stop is asked for, then commits and answers what was sent before: kOk.
  // kCorrupt and kInternal: the store failed in a way that must not be tried again; nothing was
  // answered that is not durable, and the process must exit.
  base::Status Run();

 private:
  base::Status Turn();
  base::Status Drain();
  base::Status Gather(base::milliseconds timeout);

  base::Status CommitBatch();
  void SelectLive(std::span<const std::size_t> turns);
  void Forget(std::span<const std::size_t> turns);
  base::Status Apply();
  base::Status NoteFailure(const base::Status& failure);
  std::string RequestIds() const;
  void RaiseGenerationIfChanged();
  void AnswerAll(std::span<const records::WriteResult> results);
  void RefuseAll(base::Code code);
  void Refuse(const QueuedRecord& record, base::Code code);

  base::Status Checkpoint();
  base::Status Sweep();
  base::Status ProbeIfDiskFull();

  void SetState(shm::WriterState state);
  base::milliseconds IdleTime() const;

  CommitLoopOptions options_;
  PeerServer& peers_;
  StoreMaintenance& store_;
  const base::Clock& clock_;
  const base::Log& log_;
  WriterGauges gauges_;
  SweepPacer sweep_pacer_;
  BackupService backups_;
  base::milliseconds last_probe_{0};
  std::vector<QueuedRecord> queue_;            // at most four batches and the rest of one frame
  std::vector<const QueuedRecord*> live_;      // of the batch: deadline not passed
  std::vector<const records::Write*> writes_;  // the same, for the applier
  std::vector<const records::RecordSource*> origins_;
};

}  // namespace writer
