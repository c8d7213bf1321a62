#include "ladder/writer/story_loop.h"

#include <algorithm>
#include <iterator>
#include <variant>

#include "ladder/codes.h"

namespace ladder {

namespace {

using base::milliseconds;
using base::Status;
using shm::WriterGauge;

constexpr std::size_t kMostQueued = 16384;
constexpr milliseconds kHeartbeat{200};
constexpr milliseconds kBatchTime{5};
// The log's other user may hold the lock for long; the record is not lost meanwhile.
constexpr const char* kBusyTimeout = "PRAGMA busy_timeout=60000";

}  // namespace

Status StoryLoop::Run() {
  if (Status status = context_.store.database().Execute(kBusyTimeout); !status.ok()) return status;
  context_.page.Set(WriterGauge::kState, static_cast<std::uint64_t>(shm::WriterState::kServing));
  while (!context_.peers.stop_requested()) {
    if (Status status = FillBatch(); !status.ok()) return status;
    if (queue_.empty()) continue;
    if (Status status = CommitBatch(); !status.ok()) return status;
  }
  context_.page.Set(WriterGauge::kState, static_cast<std::uint64_t>(shm::WriterState::kRestarting));
  context_.peers.CloseAll();
  return {};
}

Status StoryLoop::FillBatch() {
  if (Status status = Receive(queue_.empty() ? kHeartbeat : milliseconds(0)); !status.ok()) {
    return status;
  }
  if (queue_.empty()) return {};
  const milliseconds end = context_.clock.SinceBoot() + kBatchTime;
  while (queue_.size() < batch_records() && !context_.peers.stop_requested()) {
    const milliseconds left = end - context_.clock.SinceBoot();
    if (left <= milliseconds(0)) break;
    if (Status status = Receive(left); !status.ok()) return status;
  }
  return {};
}

// Waits for the first frame, takes all that are there.
Status StoryLoop::Receive(milliseconds timeout) {
  Beat();
  if (queue_.size() < kMostQueued) {
    if (Status status = context_.peers.Wait(timeout); !status.ok()) return status;
    const std::size_t room = kMostQueued - queue_.size();
    while (received_.size() < room && context_.peers.Receive(room, &received_) > 0) {
      if (Status status = context_.peers.Wait(milliseconds(0)); !status.ok()) return status;
    }
  }
  std::ranges::move(received_, std::back_inserter(queue_));
  received_.clear();
  context_.page.Set(WriterGauge::kQueueDepth, queue_.size());
  context_.page.Set(WriterGauge::kPeers, context_.peers.peers());
  return {};
}

Status StoryLoop::CommitBatch() {
  const std::size_t taken = std::min(queue_.size(), batch_records());
  writes_.clear();
  for (std::size_t i = 0; i < taken; ++i) {
    DrawCodes(&queue_[i].write);
    writes_.push_back(&queue_[i].write);
  }
  if (Status status = Apply(taken); !status.ok()) return status;
  context_.peers.FlushReplies();
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(taken));
  return {};
}

Status StoryLoop::Apply(std::size_t taken) {
  const std::int64_t start = base::MonotonicMicros();
  const auto results = context_.store.applier().Apply(writes_);
  if (!results.ok() && results.error().code() != base::Code::kUnavailable) return results.error();
  if (results.ok()) NoteCommit(taken, base::MonotonicMicros() - start);
  for (std::size_t i = 0; i < taken; ++i) {
    context_.peers.Reply(queue_[i], results.ok() ? (*results)[i] : records::WriteResult{});
  }
  return {};
}

void StoryLoop::DrawCodes(records::Write* write) {
  auto* record = std::get_if<records::CreateDeviceCode>(write);
  if (record == nullptr || !IsBlank(*record)) return;
  domain::Ids& ids = ids_;
  ids.Make(&record->device_code_id);
  Codes codes = CodesOf(record->device_code_id, hashes_);
  record->secret_hash = hashes_.Sha256(codes.secret);
  record->user_code = std::move(codes.user_code);
}

void StoryLoop::NoteCommit(std::size_t taken, std::int64_t micros) {
  const auto duration = static_cast<std::uint64_t>(micros);
  const auto frames = static_cast<std::uint64_t>(context_.store.WalFrames());
  shm::WriterPage& page = context_.page;
  page.Add(WriterGauge::kBatches, 1);
  page.Add(WriterGauge::kRecords, taken);
  page.Set(WriterGauge::kLastBatchRecords, taken);
  page.Set(WriterGauge::kLastCommitMicros, duration);
  page.RaiseTo(WriterGauge::kLongestCommitMicros, duration);
  page.Add(WriterGauge::kCommitMicrosTotal, duration);
  page.Set(WriterGauge::kWalFrames, frames);
  page.RaiseTo(WriterGauge::kWalFramesLongest, frames);
  const auto changes = [](const records::Write* write) {
    return records::ChangesDirectory(*write);
  };
  if (std::ranges::any_of(writes_, changes)) page.Add(WriterGauge::kDirectoryGeneration, 1);
}

void StoryLoop::Beat() {
  context_.page.Set(WriterGauge::kHeartbeatMs,
                    static_cast<std::uint64_t>(context_.clock.SinceBoot().count()));
}

}  // namespace ladder
