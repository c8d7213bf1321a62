// What the writer says of itself: the gauges of its page (shm/writer_page.h), and a line in the log
// where something took long or its state changed. Not thread-safe.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/log.h"
#include "shm/writer_page.h"
#include "store/checkpointer.h"

namespace writer {

class WriterGauges {
 public:
  // Both outlive it. `slow`: a commit or checkpoint that takes as long is logged.
  WriterGauges(shm::WriterPage& page, const base::Log& log, base::milliseconds slow)
      : page_(page), log_(log), slow_(slow) {}

  shm::WriterState state() const { return page_.state(); }
  void SetState(shm::WriterState state);
  // At least once within heartbeat_old_ms, or the pools take the writer for dead.
  void Beat(base::milliseconds since_boot);

  void NoteQueue(std::size_t records, std::size_t peers);
  // `queue`: how many records wait for the next batch.
  void NoteCommit(std::size_t records, std::int64_t micros, std::size_t queue);
  void NoteCheckpoint(const store::CheckpointRun& run, std::int64_t wal_frames, std::size_t queue);
  void NoteRefusal() { page_.Add(shm::WriterGauge::kRecordsRefused, 1); }
  void NoteExpired(std::int64_t rows);
  // Workers read directory rows anew.
  void RaiseGeneration() { page_.Add(shm::WriterGauge::kDirectoryGeneration, 1); }

 private:
  bool IsSlow(std::int64_t micros) const { return base::milliseconds(micros / 1000) >= slow_; }

  shm::WriterPage& page_;
  const base::Log& log_;
  base::milliseconds slow_;
  base::milliseconds usage_told_{0};  // since boot
};

}  // namespace writer
