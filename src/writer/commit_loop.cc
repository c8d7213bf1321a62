#include "writer/commit_loop.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/os/process_usage.h"
#include "writer/peers/fair_turns.h"

namespace writer {

namespace {

using base::Code;
using base::milliseconds;
using base::Status;
using wire::WriterGauge;
using wire::WriterState;

constexpr milliseconds kProbePause{1000};
constexpr milliseconds kUsagePause{1000};
constexpr milliseconds kFullWalPause{20};  // until the checkpointer is asked again
// Read ahead, so that a fair share of them makes the next batch (fair_turns.h).
constexpr std::size_t kBatchesAhead = 4;

constexpr std::size_t kRequestIdsLogged = 8;

// Everything else means that the store cannot be trusted any more.
bool MayGoOn(Code code) { return code == Code::kFull || code == Code::kUnavailable; }

}  // namespace

CommitLoop::CommitLoop(CommitLoopOptions options, PeerServer& peers, StoreMaintenance& store,
                       wire::WriterPage& page, const base::Clock& clock, const base::Log& log)
    : options_(options),
      peers_(peers),
      store_(store),
      page_(page),
      clock_(clock),
      log_(log),
      backups_(options.backup_pages_per_step, peers, store, clock, log) {
  queue_.reserve(kBatchesAhead * options_.batch_records);
}

Status CommitLoop::Run() {
  Beat();
  SetState(WriterState::kServing);
  while (!peers_.stop_requested()) {
    if (Status status = Turn(); !status.ok()) return status;
  }
  return Drain();
}

Status CommitLoop::Turn() {
  Beat();
  Status status = Gather(IdleTime());
  const bool was_idle = queue_.empty();
  if (status.ok() && !was_idle) status = CommitBatch();
  if (status.ok()) status = Checkpoint();
  if (status.ok()) backups_.Turn();
  const milliseconds now = clock_.SinceBoot();
  const bool may_sweep = was_idle ? sweep_pacer_.IsDue(now) : sweep_pacer_.IsStarved(now);
  if (status.ok() && may_sweep) status = Sweep();
  if (status.ok() && was_idle) status = ProbeIfDiskFull();
  return status;
}

// Peers that see kRestarting send no more; what they sent before is committed and answered. What
// lies in a socket after that is lost with it: the peer sends it to the next writer.
Status CommitLoop::Drain() {
  SetState(WriterState::kRestarting);
  backups_.Stop();
  peers_.StopAccepting();
  const milliseconds end = clock_.SinceBoot() + options_.drain_time;
  do {
    Beat();
    if (Status status = Gather(milliseconds(0)); !status.ok()) return status;
    if (queue_.empty()) break;
    if (Status status = CommitBatch(); !status.ok()) return status;
  } while (clock_.SinceBoot() < end);
  peers_.CloseAll();
  return {};
}

Status CommitLoop::Gather(milliseconds timeout) {
  if (Status status = peers_.Wait(timeout); !status.ok()) return status;
  const milliseconds end = clock_.SinceBoot() + options_.batch_time;
  const std::size_t enough = kBatchesAhead * options_.batch_records;
  while (peers_.Receive(enough, &queue_) > 0) {
    if (queue_.size() >= enough || clock_.SinceBoot() >= end) break;
    if (Status status = peers_.Wait(milliseconds(0)); !status.ok()) return status;
  }
  peers_.FlushReplies();  // to what was refused as it came
  page_.Set(WriterGauge::kQueueDepth, queue_.size());
  page_.Set(WriterGauge::kPeers, peers_.peers());
  return {};
}

Status CommitLoop::CommitBatch() {
  const std::vector<std::size_t> turns = FairTurns(queue_, options_.batch_records);
  SelectLive(turns);
  if (!live_.empty()) {
    if (Status status = Apply(); !status.ok()) return status;
  }
  peers_.FlushReplies();
  Forget(turns);
  return {};
}

void CommitLoop::Forget(std::span<const std::size_t> turns) {
  if (turns.size() == queue_.size()) return queue_.clear();
  std::vector<bool> done(queue_.size(), false);
  for (const std::size_t turn : turns) done[turn] = true;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < queue_.size(); ++i) {
    if (!done[i] && kept++ != i) queue_[kept - 1] = std::move(queue_[i]);
  }
  queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(kept), queue_.end());
}

// A record past its deadline was given up by its sender, who told its client so.
void CommitLoop::SelectLive(std::span<const std::size_t> turns) {
  live_.clear();
  writes_.clear();
  origins_.clear();
  const milliseconds now = clock_.SinceBoot();
  for (const std::size_t turn : turns) {
    const QueuedRecord& record = queue_[turn];
    if (record.deadline <= now) {
      Refuse(record, Code::kUnavailable);
      continue;
    }
    live_.push_back(&record);
    writes_.push_back(&record.write);
    origins_.push_back(&record.origin);
  }
}

// The order is the promise: durable, then the generation, then the answers.
Status CommitLoop::Apply() {
  if (store_.IsWalFull()) {
    SetState(WriterState::kWalFull);
    RefuseAll(Code::kFull);
    return {};
  }
  const std::int64_t start = base::MonotonicMicros();
  const auto results = store_.applier().Apply(writes_, origins_);
  if (!results.ok()) return NoteFailure(results.error());
  if (results->size() != live_.size()) return {Code::kInternal, "a record has no result"};
  NoteCommit(base::MonotonicMicros() - start);
  RaiseGenerationIfChanged();
  AnswerAll(*results);
  return {};
}

Status CommitLoop::NoteFailure(const Status& failure) {
  if (!MayGoOn(failure.code())) return failure;
  log_.Error(
      "batch_failed",
      {{"reason", failure.ToString()}, {"rows", live_.size()}, {"request_ids", RequestIds()}});
  if (failure.code() == Code::kFull) SetState(WriterState::kDiskFull);
  RefuseAll(failure.code());
  return {};
}

// Of the first ones: a child logs each of its requests that failed by it.
std::string CommitLoop::RequestIds() const {
  std::string ids;
  for (std::size_t i = 0; i < std::min(live_.size(), kRequestIdsLogged); ++i) {
    if (!ids.empty()) ids.push_back(',');
    ids += base::HexEncode(records::RecordIdOf(live_[i]->write).bytes);
  }
  return ids;
}

void CommitLoop::NoteCommit(std::int64_t micros) {
  const auto duration = static_cast<std::uint64_t>(micros);
  SetState(WriterState::kServing);
  page_.Add(WriterGauge::kBatches, 1);
  page_.Add(WriterGauge::kRecords, live_.size());
  page_.Set(WriterGauge::kLastBatchRecords, live_.size());
  page_.Set(WriterGauge::kLastCommitMicros, duration);
  page_.RaiseTo(WriterGauge::kLongestCommitMicros, duration);
  page_.Add(WriterGauge::kCommitMicrosTotal, duration);
  sweep_pacer_.NoteWork();
  if (milliseconds(micros / 1000) < options_.slow_commit) return;
  log_.Warn("slow_commit", {{"duration_ms", micros / 1000},
                            {"rows", live_.size()},
                            {"queue", queue_.size() - live_.size()}});
}

void CommitLoop::RaiseGenerationIfChanged() {
  const auto changes = [](const QueuedRecord* record) {
    return records::ChangesDirectory(record->write);
  };
  if (std::any_of(live_.begin(), live_.end(), changes))
    page_.Add(WriterGauge::kDirectoryGeneration, 1);
}

void CommitLoop::AnswerAll(std::span<const records::WriteResult> results) {
  for (std::size_t i = 0; i < live_.size(); ++i) peers_.Reply(*live_[i], results[i]);
}

void CommitLoop::RefuseAll(Code code) {
  for (const QueuedRecord* record : live_) Refuse(*record, code);
}

void CommitLoop::Refuse(const QueuedRecord& record, Code code) {
  page_.Add(WriterGauge::kRecordsRefused, 1);
  peers_.Reply(record, {.code = code});
}

Status CommitLoop::Checkpoint() {
  const auto run = store_.CheckpointIfDue();
  if (!run.ok() && !MayGoOn(run.error().code())) return run.error();
  if (!run.ok()) {
    log_.Error("checkpoint_failed", {{"reason", run.error().ToString()}});
    if (run.error().code() == Code::kFull) SetState(WriterState::kDiskFull);
    return {};
  }
  NoteCheckpoint(*run);
  if (page_.state() == WriterState::kWalFull && !store_.IsWalFull()) {
    SetState(WriterState::kServing);
  }
  return {};
}

void CommitLoop::NoteCheckpoint(const CheckpointRun& run) {
  const auto frames = static_cast<std::uint64_t>(store_.wal_frames());
  page_.Set(WriterGauge::kWalFrames, frames);
  page_.RaiseTo(WriterGauge::kWalFramesLongest, frames);
  if (run.outcome == CheckpointOutcome::kNotDue) return;
  const auto duration = static_cast<std::uint64_t>(run.micros);
  page_.Add(WriterGauge::kCheckpoints, 1);
  if (run.outcome == CheckpointOutcome::kBusy) page_.Add(WriterGauge::kCheckpointsBusy, 1);
  page_.Set(WriterGauge::kLastCheckpointMicros, duration);
  page_.RaiseTo(WriterGauge::kLongestCheckpointMicros, duration);
  if (milliseconds(run.micros / 1000) < options_.slow_commit) return;
  log_.Warn("slow_checkpoint",
            {{"duration_ms", run.micros / 1000}, {"wal_frames", frames}, {"queue", queue_.size()}});
}

Status CommitLoop::Sweep() {
  if (store_.IsWalFull()) return {};
  const milliseconds start = clock_.SinceBoot();
  const auto swept = store_.Sweep(clock_.Now());
  if (!swept.ok() && !MayGoOn(swept.error().code())) return swept.error();
  sweep_pacer_.NoteStep(start, clock_.SinceBoot(), swept.ok() && swept->more);
  if (swept.ok()) page_.Add(WriterGauge::kExpiredRows, static_cast<std::uint64_t>(swept->rows));
  return {};
}

// Balancers keep requests from a server that says its disk is full: it finds out by itself when
// there is room again.
Status CommitLoop::ProbeIfDiskFull() {
  const milliseconds now = clock_.SinceBoot();
  if (page_.state() != WriterState::kDiskFull || now - last_probe_ < kProbePause) return {};
  last_probe_ = now;
  const records::Write probe = records::Probe{.record_id = {}, .probed_at = clock_.Now()};
  const records::Write* const batch[] = {&probe};
  const auto results = store_.applier().Apply(batch);
  if (!results.ok()) return MayGoOn(results.error().code()) ? Status() : results.error();
  SetState(WriterState::kServing);
  return {};
}

void CommitLoop::SetState(WriterState state) {
  const WriterState former = page_.state();
  if (former == state) return;
  // The answers of the last batches must not bring a stopping writer back to life.
  if (former == WriterState::kRestarting && peers_.stop_requested()) return;
  page_.Set(WriterGauge::kState, static_cast<std::uint64_t>(state));
  log_.Info("state", {{"state", wire::ToText(state)}});
}

void CommitLoop::Beat() {
  const milliseconds now = clock_.SinceBoot();
  page_.Set(WriterGauge::kHeartbeatMs, static_cast<std::uint64_t>(now.count()));
  page_.Set(WriterGauge::kLogLinesDropped, log_.dropped_lines());
  if (now - usage_told_ < kUsagePause) return;
  usage_told_ = now;
  const base::ProcessUsage usage = base::OwnUsage();
  page_.Set(WriterGauge::kCpuMicros, usage.cpu_micros);
  page_.Set(WriterGauge::kResidentBytes, usage.resident_bytes);
}

milliseconds CommitLoop::IdleTime() const {
  if (!queue_.empty()) return milliseconds(0);
  if (store_.IsWalFull()) return kFullWalPause;
  const milliseconds now = clock_.SinceBoot();
  return std::min({options_.heartbeat, sweep_pacer_.TimeToNext(now), backups_.TimeToNext(now)});
}

}  // namespace writer
