#include "writer/backup_service.h"

#include <algorithm>

namespace writer {

namespace {

using base::Code;
using base::milliseconds;
using base::Status;

constexpr milliseconds kWordPause{200};

std::string Refusal(const Status& reason) {
  return wire::EncodeProgress({.code = reason.code(), .is_over = true, .reason = reason.message()});
}

}  // namespace

void BackupService::Turn() {
  if (phase_ != Phase::kIdle && !peers_.IsConnected(asker_)) Release();
  for (const std::uint64_t asker : peers_.TakeBackupAskers()) Admit(asker);
  if (phase_ != Phase::kCopying) return;
  if (const milliseconds now = clock_.SinceBoot(); now >= next_step_) Step(now);
}

void BackupService::Admit(std::uint64_t asker) {
  if (phase_ != Phase::kIdle) {
    peers_.Tell(asker, Refusal({Code::kConflict, "another backup is being made: try again later"}));
    return;
  }
  asker_ = asker;
  done_ = {};
  pages_ = pages_per_step_;
  goal_ = 0;
  began_ = clock_.SinceBoot();
  next_step_ = began_;
  next_word_ = began_;
  if (Status status = store_.BeginBackup(); !status.ok()) return Fail(status);
  phase_ = Phase::kCopying;
  log_.Info("backup_started");
}

void BackupService::Step(milliseconds now) {
  const auto step = store_.StepBackup(pages_);
  if (!step.ok()) return Fail(step.error());
  done_ = *step;
  if (step->is_done) return Finish();
  CatchUp(*step);
  next_step_ = now + kStepPause;
  if (now < next_word_) return;
  next_word_ = now + kWordPause;
  peers_.Tell(asker_, wire::EncodeProgress({.copied_pages = step->copied_pages,
                                            .total_pages = step->total_pages,
                                            .reason = {}}));
}

void BackupService::CatchUp(const store::OnlineBackup::Progress& step) {
  if (step.copied_pages < goal_) return;
  if (goal_ > 0) pages_ = std::max(pages_, std::min(2 * pages_, kMostPagesPerStep));
  goal_ = step.total_pages;
}

void BackupService::Finish() {
  phase_ = Phase::kHandedOver;
  log_.Info("backup_done",
            {{"pages", done_.total_pages}, {"duration_ms", (clock_.SinceBoot() - began_).count()}});
  peers_.Tell(asker_, wire::EncodeProgress({.is_over = true,
                                            .copied_pages = done_.copied_pages,
                                            .total_pages = done_.total_pages,
                                            .reason = {}}));
}

void BackupService::Fail(const Status& reason) {
  log_.Error("backup_failed", {{"reason", reason.ToString()}});
  store_.EndBackup();
  peers_.Tell(asker_, Refusal(reason));
  phase_ = Phase::kIdle;
}

void BackupService::Release() {
  if (phase_ == Phase::kCopying) {
    log_.Warn("backup_given_up", {{"reason", "who asked for it has gone"}});
  }
  store_.EndBackup();
  phase_ = Phase::kIdle;
}

void BackupService::Stop() {
  if (phase_ == Phase::kCopying) {
    Fail({Code::kUnavailable, "the writer was stopped: try again when it runs"});
  }
}

milliseconds BackupService::TimeToNext(milliseconds now) const {
  if (phase_ != Phase::kCopying) return kNever;
  return std::max(next_step_ - now, milliseconds(0));
}

}  // namespace writer
