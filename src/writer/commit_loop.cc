#include "writer/commit_loop.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "writer/peers/fair_turns.h"

namespace writer {

namespace {

using base::Code;
using base::milliseconds;
using base::Status;
using shm::WriterState;

constexpr milliseconds kProbePause{1000};
constexpr milliseconds kFullWalPause{20};  // until the checkpointer is asked again
// Read ahead, so that a fair share of them makes the next batch (fair_turns.h).
constexpr std::size_t kBatchesAhead = 4;

constexpr std::size_t kRequestIdsLogged = 8;

// Everything else means that the store cannot be trusted any more.
bool MayGoOn(Code code) { return code == Code::kFull || code == Code::kUnavailable; }

}  // namespace

CommitLoop::CommitLoop(CommitLoopOptions options, PeerServer& peers, StoreMaintenance& store,
                       shm::WriterPage& page, const base::Clock& clock, const base::Log& log)
    : options_(options),
      peers_(peers),
      store_(store),
      clock_(clock),
      log_(log),
      gauges_(page, log, options.slow_commit),
      backups_(options.backup_pages_per_step, peers, store, clock, log) {
  queue_.reserve(kBatchesAhead * options_.batch_records);
}

Status CommitLoop::Run() {
  gauges_.Beat(clock_.SinceBoot());
  SetState(WriterState::kServing);
  while (!peers_.stop_requested()) {
    if (Status status = Turn(); !status.ok()) return status;
  }
  return Drain();
}

Status CommitLoop::Turn() {
  gauges_.Beat(clock_.SinceBoot());
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
    gauges_.Beat(clock_.SinceBoot());
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
  gauges_.NoteQueue(queue_.size(), peers_.peers());
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
  SetState(WriterState::kServing);
  gauges_.NoteCommit(live_.size(), base::MonotonicMicros() - start, queue_.size() - live_.size());
  sweep_pacer_.NoteWork();
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

void CommitLoop::RaiseGenerationIfChanged() {
  const auto changes = [](const QueuedRecord* record) {
    return records::ChangesDirectory(record->write);
  };
  if (std::any_of(live_.begin(), live_.end(), changes)) gauges_.RaiseGeneration();
}

void CommitLoop::AnswerAll(std::span<const records::WriteResult> results) {
  for (std::size_t i = 0; i < live_.size(); ++i) peers_.Reply(*live_[i], results[i]);
}

void CommitLoop::RefuseAll(Code code) {
  for (const QueuedRecord* record : live_) Refuse(*record, code);
}

void CommitLoop::Refuse(const QueuedRecord& record, Code code) {
  gauges_.NoteRefusal();
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
  gauges_.NoteCheckpoint(*run, store_.wal_frames(), queue_.size());
  if (gauges_.state() == WriterState::kWalFull && !store_.IsWalFull()) {
    SetState(WriterState::kServing);
  }
  return {};
}

Status CommitLoop::Sweep() {
  if (store_.IsWalFull()) return {};
  const milliseconds start = clock_.SinceBoot();
  const auto swept = store_.Sweep(clock_.Now());
  if (!swept.ok() && !MayGoOn(swept.error().code())) return swept.error();
  sweep_pacer_.NoteStep(start, clock_.SinceBoot(), swept.ok() && swept->more);
  if (swept.ok()) gauges_.NoteExpired(swept->rows);
  return {};
}

// Balancers keep requests from a server that says its disk is full: it finds out by itself when
// there is room again.
Status CommitLoop::ProbeIfDiskFull() {
  const milliseconds now = clock_.SinceBoot();
  if (gauges_.state() != WriterState::kDiskFull || now - last_probe_ < kProbePause) return {};
  last_probe_ = now;
  const records::Write probe = records::Probe{.record_id = {}, .probed_at = clock_.Now()};
  const records::Write* const batch[] = {&probe};
  const auto results = store_.applier().Apply(batch);
  if (!results.ok()) return MayGoOn(results.error().code()) ? Status() : results.error();
  SetState(WriterState::kServing);
  return {};
}

void CommitLoop::SetState(WriterState state) {
  // The answers of the last batches must not bring a stopping writer back to life.
  if (gauges_.state() == WriterState::kRestarting && peers_.stop_requested()) return;
  gauges_.SetState(state);
}

milliseconds CommitLoop::IdleTime() const {
  if (!queue_.empty()) return milliseconds(0);
  if (store_.IsWalFull()) return kFullWalPause;
  const milliseconds now = clock_.SinceBoot();
  return std::min({options_.heartbeat, sweep_pacer_.TimeToNext(now), backups_.TimeToNext(now)});
}

}  // namespace writer
