#include "writer/writer_gauges.h"

#include "base/os/process_usage.h"

namespace writer {

namespace {

using base::milliseconds;
using shm::WriterGauge;

constexpr milliseconds kUsagePause{1000};

}  // namespace

void WriterGauges::SetState(shm::WriterState state) {
  if (page_.state() == state) return;
  page_.Set(WriterGauge::kState, static_cast<std::uint64_t>(state));
  log_.Info("state", {{"state", shm::ToText(state)}});
}

void WriterGauges::Beat(milliseconds since_boot) {
  page_.Set(WriterGauge::kHeartbeatMs, static_cast<std::uint64_t>(since_boot.count()));
  page_.Set(WriterGauge::kLogLinesDropped, log_.dropped_lines());
  if (since_boot - usage_told_ < kUsagePause) return;
  usage_told_ = since_boot;
  const base::ProcessUsage usage = base::OwnUsage();
  page_.Set(WriterGauge::kCpuMicros, usage.cpu_micros);
  page_.Set(WriterGauge::kResidentBytes, usage.resident_bytes);
}

void WriterGauges::NoteQueue(std::size_t records, std::size_t peers) {
  page_.Set(WriterGauge::kQueueDepth, records);
  page_.Set(WriterGauge::kPeers, peers);
}

void WriterGauges::NoteCommit(std::size_t records, std::int64_t micros, std::size_t queue) {
  const auto duration = static_cast<std::uint64_t>(micros);
  page_.Add(WriterGauge::kBatches, 1);
  page_.Add(WriterGauge::kRecords, records);
  page_.Set(WriterGauge::kLastBatchRecords, records);
  page_.Set(WriterGauge::kLastCommitMicros, duration);
  page_.RaiseTo(WriterGauge::kLongestCommitMicros, duration);
  page_.Add(WriterGauge::kCommitMicrosTotal, duration);
  if (!IsSlow(micros)) return;
  log_.Warn("slow_commit", {{"duration_ms", micros / 1000}, {"rows", records}, {"queue", queue}});
}

void WriterGauges::NoteCheckpoint(const store::CheckpointRun& run, std::int64_t wal_frames,
                                  std::size_t queue) {
  const auto frames = static_cast<std::uint64_t>(wal_frames);
  page_.Set(WriterGauge::kWalFrames, frames);
  page_.RaiseTo(WriterGauge::kWalFramesLongest, frames);
  if (run.outcome == store::CheckpointOutcome::kNotDue) return;
  const auto duration = static_cast<std::uint64_t>(run.micros);
  page_.Add(WriterGauge::kCheckpoints, 1);
  if (run.outcome == store::CheckpointOutcome::kBusy) page_.Add(WriterGauge::kCheckpointsBusy, 1);
  page_.Set(WriterGauge::kLastCheckpointMicros, duration);
  page_.RaiseTo(WriterGauge::kLongestCheckpointMicros, duration);
  if (!IsSlow(run.micros)) return;
  log_.Warn("slow_checkpoint",
            {{"duration_ms", run.micros / 1000}, {"wal_frames", frames}, {"queue", queue}});
}

void WriterGauges::NoteExpired(std::int64_t rows) {
  page_.Add(WriterGauge::kExpiredRows, static_cast<std::uint64_t>(rows));
}

}  // namespace writer
