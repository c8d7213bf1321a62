#include "store/checkpointer.h"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "store/sqlite_status.h"

namespace store {

namespace {

using base::Result;
using base::Status;

constexpr std::int64_t kPauseMicros = 1000;

void SleepThread(std::int64_t micros) {
  std::this_thread::sleep_for(std::chrono::microseconds(micros));
}

}  // namespace

Checkpointer::Checkpointer(Database& database, const Options& options, Time time)
    : database_(database),
      options_(options),
      time_(std::move(time)),
      next_rest_us_(options.first_rest_us),
      allowance_us_(2 * options.busy_wait_us),
      allowance_at_us_(time_.now_us()) {
  if (!time_.sleep_us) time_.sleep_us = SleepThread;
  sqlite3_wal_hook(database_.handle(), &OnCommit, this);
  sqlite3_busy_handler(database_.handle(), &OnBusy, this);
}

Checkpointer::~Checkpointer() {
  sqlite3_wal_hook(database_.handle(), nullptr, nullptr);
  sqlite3_busy_handler(database_.handle(), nullptr, nullptr);
}

int Checkpointer::OnCommit(void* self, sqlite3*, const char*, int frames) {
  static_cast<Checkpointer*>(self)->NoteFrames(frames);
  return SQLITE_OK;
}

// Called again and again while readers hold the WAL; 0 gives up.
int Checkpointer::OnBusy(void* self, int calls) {
  auto& checkpointer = *static_cast<Checkpointer*>(self);
  const std::int64_t now = checkpointer.time_.now_us();
  if (calls == 0) checkpointer.wait_began_us_ = now;
  const std::int64_t most = checkpointer.may_wait_now_ ? checkpointer.LongestWait() : 0;
  if (now - checkpointer.wait_began_us_ >= most) return 0;
  checkpointer.time_.sleep_us(kPauseMicros);
  const std::int64_t slept = checkpointer.time_.now_us() - now;
  checkpointer.counters_.waited_us += slept;
  checkpointer.allowance_us_ -= slept;
  return 1;
}

// The count falls when a commit started the WAL anew.
void Checkpointer::NoteFrames(std::int64_t frames) {
  if (frames < frames_) {
    frames_tried_ = 0;
    rest_until_frames_ = 0;
  }
  frames_ = frames;
  counters_.longest_frames = std::max(counters_.longest_frames, frames);
  is_over_limit_ = frames * kFrameBytes >= options_.limit_bytes;
}

// A WAL that long has been kept so by children that the kernel let wait for a processor with their
// snapshots, all in turn: they need more than one of its rounds.
std::int64_t Checkpointer::LongestWait() const {
  return frames_ >= 2 * options_.restart_frames ? 2 * options_.busy_wait_us : options_.busy_wait_us;
}

// Waiting time is earned with each microsecond that passes, up to what fifty attempts need.
bool Checkpointer::MayWait(std::int64_t now_us) {
  constexpr std::int64_t kAttempts = 50;
  allowance_us_ += (now_us - allowance_at_us_) * options_.wait_share_percent / 100;
  allowance_us_ = std::min(allowance_us_, kAttempts * options_.busy_wait_us);
  allowance_at_us_ = now_us;
  return allowance_us_ >= LongestWait();
}

void Checkpointer::Rest(std::int64_t now_us) {
  rest_until_us_ = now_us + next_rest_us_;
  rest_until_frames_ = frames_ + options_.passive_frames;
  next_rest_us_ = std::min(next_rest_us_ * 2, options_.longest_rest_us);
}

Result<CheckpointRun> Checkpointer::RunIfDue() {
  if (is_over_limit_) {
    // Nobody may write until a reader has gone; waiting would only keep the writer from its peers.
    may_wait_now_ = false;
    Result<CheckpointRun> run = Run(Mode::kRestart);
    may_wait_now_ = true;
    return run;
  }
  if (frames_ >= options_.restart_frames) {
    const std::int64_t now = time_.now_us();
    const bool is_resting = now < rest_until_us_ && frames_ < rest_until_frames_;
    if (!is_resting && MayWait(now)) return Run(Mode::kRestart);
    ++counters_.put_off;
  }
  if (frames_ - frames_tried_ >= options_.passive_frames) return Run(Mode::kPassive);
  return CheckpointRun{};
}

Status Checkpointer::Truncate() {
  const Result<CheckpointRun> run = Run(Mode::kTruncate);
  if (!run.ok()) return run.error();
  if (frames_ != 0) return Status(base::Code::kUnavailable, "readers hold the WAL");
  return Status();
}

Result<CheckpointRun> Checkpointer::Run(Mode mode) {
  constexpr int kModes[] = {SQLITE_CHECKPOINT_PASSIVE, SQLITE_CHECKPOINT_RESTART,
                            SQLITE_CHECKPOINT_TRUNCATE};
  const std::int64_t began = time_.now_us();
  int in_log = 0;
  int moved = 0;
  const int code = sqlite3_wal_checkpoint_v2(database_.handle(), "main",
                                             kModes[static_cast<int>(mode)], &in_log, &moved);
  const std::int64_t now = time_.now_us();
  counters_.last_us = now - began;
  counters_.longest_us = std::max(counters_.longest_us, counters_.last_us);
  mode == Mode::kPassive ? ++counters_.passive : ++counters_.restart;
  frames_tried_ = frames_;
  if ((code & 0xff) == SQLITE_BUSY) {
    ++counters_.busy;
    if (mode != Mode::kPassive) Rest(now);
    return CheckpointRun{.outcome = CheckpointOutcome::kBusy, .micros = now - began};
  }
  if (code != SQLITE_OK) {
    ++counters_.failed;
    return SqliteStatus(database_.handle(), code, "checkpoint");
  }
  if (mode != Mode::kPassive) {
    // No reader is left in the WAL: the next commit starts it anew.
    next_rest_us_ = options_.first_rest_us;
    frames_ = 0;
    frames_tried_ = 0;
    is_over_limit_ = false;
  }
  return CheckpointRun{.outcome = CheckpointOutcome::kDone, .micros = now - began};
}

}  // namespace store
