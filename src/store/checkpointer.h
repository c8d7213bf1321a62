// Moves the WAL's frames into the database file, in small portions between batches, so that the WAL
// stays short and no stall is long. In order of precedence, at each call:
//
//   1. the WAL is at its hard limit         writes are refused; RESTART at each call, without
//                                           waiting, until one has emptied it
//   2. restart_frames frames in the WAL     RESTART: waits for readers, busy_wait at most (twice
//                                           that from twice as many frames on), so that the next
//                                           batch starts the WAL anew
//   3. passive_frames new frames            PASSIVE: what can be moved without waiting for anybody
//
// Busy is an outcome, not an error: after it RESTART rests for passive_frames more frames or
// first_rest, doubled each time up to longest_rest; and all waits together take at most wait_share
// of the time. TRUNCATE only at a clean stop. Not thread-safe; on the writer's one connection,
// never inside a transaction. Source: https://sqlite.org/c3ref/wal_checkpoint_v2.html,
// docs/storage.md.
#pragma once

#include <cstdint>
#include <functional>

#include "base/clock.h"
#include "base/status.h"
#include "store/database.h"

namespace store {

enum class CheckpointOutcome : std::uint8_t { kNotDue, kDone, kBusy };

struct CheckpointRun {
  CheckpointOutcome outcome = CheckpointOutcome::kNotDue;
  std::int64_t micros = 0;
};

class Checkpointer {
 public:
  struct Options {
    std::int64_t passive_frames = 250;
    std::int64_t restart_frames = 1000;
    std::int64_t busy_wait_us = 20'000;
    std::int64_t first_rest_us = 250'000;
    std::int64_t longest_rest_us = 2'000'000;
    std::int64_t wait_share_percent = 15;
    std::int64_t limit_bytes = std::int64_t{64} << 20;
  };

  // Where time comes from, in microseconds of a clock that never goes back, and how it passes.
  struct Time {
    std::function<std::int64_t()> now_us = base::MonotonicMicros;
    std::function<void(std::int64_t)> sleep_us;  // empty: the thread sleeps
  };

  struct Counters {
    std::uint64_t passive = 0;
    std::uint64_t restart = 0;
    std::uint64_t busy = 0;     // RESTARTs that readers kept from their end
    std::uint64_t put_off = 0;  // RESTARTs due, but resting or out of waiting time
    std::uint64_t failed = 0;
    std::int64_t last_us = 0;
    std::int64_t longest_us = 0;
    std::int64_t waited_us = 0;  // for readers, all together
    std::int64_t longest_frames = 0;
  };

  // `database` outlives the checkpointer, which takes its commit hook and its busy handler.
  explicit Checkpointer(Database& database) : Checkpointer(database, Options(), Time()) {}
  Checkpointer(Database& database, const Options& options)
      : Checkpointer(database, options, Time()) {}
  Checkpointer(Database& database, const Options& options, Time time);
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;
  ~Checkpointer();

  // After each batch, and in idle time while frames() is not 0. kFull: no room to move frames to,
  // nothing is lost; kInternal, kCorrupt: the writer must stop.
  base::Result<CheckpointRun> RunIfDue();
  // For a clean stop: everything into the database, the WAL emptied. kUnavailable: readers held it.
  base::Status Truncate();

  // True while the WAL is over its hard limit: a batch must be refused (kFull), not applied.
  bool MustRefuseWrites() const { return is_over_limit_; }
  std::int64_t frames() const { return frames_; }
  const Counters& counters() const { return counters_; }

 private:
  enum class Mode : std::uint8_t { kPassive, kRestart, kTruncate };

  static int OnCommit(void* self, sqlite3*, const char*, int frames);
  static int OnBusy(void* self, int calls);
  std::int64_t LongestWait() const;
  bool MayWait(std::int64_t now_us);
  base::Result<CheckpointRun> Run(Mode mode);
  void Rest(std::int64_t now_us);
  void NoteFrames(std::int64_t frames);

  Database& database_;
  Options options_;
  Time time_;
  Counters counters_;
  std::int64_t frames_ = 0;
  std::int64_t frames_tried_ = 0;  // in the WAL when a checkpoint last ran
  std::int64_t rest_until_us_ = 0;
  std::int64_t rest_until_frames_ = 0;
  std::int64_t next_rest_us_ = 0;
  std::int64_t allowance_us_ = 0;  // waiting time earned and not spent
  std::int64_t allowance_at_us_ = 0;
  std::int64_t wait_began_us_ = 0;
  bool may_wait_now_ = true;  // for readers, in the checkpoint that runs
  bool is_over_limit_ = false;
};

}  // namespace store
