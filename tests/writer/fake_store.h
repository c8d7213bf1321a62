// A store that does what the test says: keeps the batches it was given, holds one back at a gate,
// fails. Called on the loop's thread, asked by the test's: everything is behind one mutex.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "writer/store_maintenance.h"

namespace writer_test {

class FakeStore final : public writer::StoreMaintenance, private domain::BatchApplier {
 public:
  // ---- the test's side ----

  // The next batch stays inside Apply until OpenGate().
  void CloseGate() {
    Locked([&] { gate_closed_ = true; });
  }
  void OpenGate() {
    Locked([&] { gate_closed_ = false; });
    changed_.notify_all();
  }
  // Waits until a batch stands at the gate.
  bool AwaitAtGate() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return at_gate_; });
  }
  void FailWith(std::optional<base::Code> code) {
    Locked([&] { failure_ = code; });
  }
  void SetWalFull(bool full) {
    Locked([&] { log_full_ = full; });
  }
  void SetCheckpointOutcome(store::CheckpointOutcome outcome) {
    Locked([&] { outcome_ = outcome; });
  }
  // Expired rows to be swept, ten a step.
  void SetExpired(std::int64_t rows) {
    Locked([&] { expired_ = rows; });
  }
  // A copy has so many pages; each step takes what it is allowed to.
  void SetBackupPages(std::int64_t pages) {
    Locked([&] { backup_pages_ = pages; });
  }
  // The database grows by so many pages at each step of a copy.
  void SetBackupGrowth(std::int64_t pages) {
    Locked([&] { backup_growth_ = pages; });
  }
  // Beginning a copy, or its next step, fails.
  void FailBackupWith(std::optional<base::Code> begin, std::optional<base::Code> step) {
    Locked([&] {
      backup_begin_failure_ = begin;
      backup_step_failure_ = step;
    });
  }
  // How many copies have begun and not ended.
  int backups_open() const {
    std::lock_guard lock(mutex_);
    return backups_open_;
  }
  std::vector<int> backup_steps() const {
    std::lock_guard lock(mutex_);
    return backup_steps_;
  }
  std::vector<std::vector<records::Write>> batches() const {
    std::lock_guard lock(mutex_);
    return batches_;
  }
  // Of all records, in the order they were applied.
  std::vector<records::RecordSource> origins() const {
    std::lock_guard lock(mutex_);
    return origins_;
  }
  int sweeps() const {
    std::lock_guard lock(mutex_);
    return sweeps_;
  }

  // ---- the loop's side ----

  domain::BatchApplier& applier() override { return *this; }
  base::Result<store::CheckpointRun> CheckpointIfDue() override {
    std::lock_guard lock(mutex_);
    return store::CheckpointRun{.outcome = outcome_, .micros = 5};
  }
  std::int64_t wal_frames() const override { return 17; }
  bool IsWalFull() const override {
    std::lock_guard lock(mutex_);
    return log_full_;
  }
  base::Result<writer::SweepRun> Sweep(base::Time) override {
    std::lock_guard lock(mutex_);
    ++sweeps_;
    const std::int64_t rows = std::min<std::int64_t>(expired_, 10);
    expired_ -= rows;
    return writer::SweepRun{.rows = rows, .more = expired_ > 0};
  }
  base::Status BeginBackup() override {
    std::lock_guard lock(mutex_);
    if (backup_begin_failure_) return {*backup_begin_failure_, "no room, as the test says"};
    copied_ = 0;
    backups_open_ = 1;
    return {};
  }
  base::Result<store::OnlineBackup::Progress> StepBackup(int pages) override {
    std::lock_guard lock(mutex_);
    backup_steps_.push_back(pages);
    if (backup_step_failure_) return base::Status(*backup_step_failure_, "as the test says");
    backup_pages_ += backup_growth_;
    copied_ = std::min<std::int64_t>(copied_ + pages, backup_pages_);
    return store::OnlineBackup::Progress{
        .copied_pages = copied_, .total_pages = backup_pages_, .is_done = copied_ == backup_pages_};
  }
  void EndBackup() override {
    std::lock_guard lock(mutex_);
    backups_open_ = 0;
  }

 private:
  template <class F>
  void Locked(F change) {
    std::lock_guard lock(mutex_);
    change();
  }

  // Refuses a Probe whose last byte is 99, as a record that conflicts.
  base::Result<std::vector<records::WriteResult>> Apply(
      std::span<const records::Write* const> writes,
      std::span<const records::RecordSource* const> origins) override {
    std::unique_lock lock(mutex_);
    for (const records::RecordSource* origin : origins) origins_.push_back(*origin);
    std::vector<records::Write> batch;
    std::vector<records::WriteResult> results;
    for (const records::Write* write : writes) {
      batch.push_back(*write);
      const bool conflicts = records::RecordIdOf(*write).bytes[15] == 99;
      results.push_back({.code = conflicts ? base::Code::kConflict : base::Code::kOk});
    }
    batches_.push_back(std::move(batch));
    at_gate_ = gate_closed_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !gate_closed_; });
    at_gate_ = false;
    if (failure_) return base::Status(*failure_, "as the test says");
    return results;
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool gate_closed_ = false;
  bool at_gate_ = false;
  bool log_full_ = false;
  std::optional<base::Code> failure_;
  store::CheckpointOutcome outcome_ = store::CheckpointOutcome::kNotDue;
  std::int64_t expired_ = 0;
  int sweeps_ = 0;
  std::int64_t backup_pages_ = 0;
  std::int64_t backup_growth_ = 0;
  std::int64_t copied_ = 0;
  int backups_open_ = 0;
  std::optional<base::Code> backup_begin_failure_;
  std::optional<base::Code> backup_step_failure_;
  std::vector<int> backup_steps_;
  std::vector<std::vector<records::Write>> batches_;
  std::vector<records::RecordSource> origins_;
};

}  // namespace writer_test
