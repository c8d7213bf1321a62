#include "ladder/writer/story_loop.h"

#include <algorithm>
#include <iterator>
#include <variant>

#include "ladder/codes.h"

namespace ladder {

namespace {

using base::milliseconds;
using base::Status;
using wire::Word;

constexpr std::size_t kMostQueued = 16384;
constexpr milliseconds kHeartbeat{200};
// The log's other user may hold the lock for long; the record is not lost meanwhile.
constexpr const char* kBusyTimeout = "PRAGMA busy_timeout=60000";

}  // namespace

Status StoryLoop::Run() {
  if (Status status = place_.store.database().Execute(kBusyTimeout); !status.ok()) return status;
  place_.page.Set(Word::kState, static_cast<std::uint64_t>(wire::WriterState::kServing));
  while (!place_.peers.stop_requested()) {
    if (Status status = FillBatch(); !status.ok()) return status;
    if (queue_.empty()) continue;
    if (Status status = CommitBatch(); !status.ok()) return status;
  }
  place_.page.Set(Word::kState, static_cast<std::uint64_t>(wire::WriterState::kRestarting));
  place_.peers.CloseAll();
  return {};
}

Status StoryLoop::FillBatch() {
  if (Status status = Receive(queue_.empty() ? kHeartbeat : milliseconds(0)); !status.ok()) {
    return status;
  }
  if (queue_.empty()) return {};
  const milliseconds end = place_.clock.SinceBoot() + milliseconds(place_.settings.batch_ms);
  while (queue_.size() < batch_records() && !place_.peers.stop_requested()) {
    const milliseconds left = end - place_.clock.SinceBoot();
    if (left <= milliseconds(0)) break;
    if (Status status = Receive(left); !status.ok()) return status;
  }
  return {};
}

// Waits for the first frame, takes all that are there.
Status StoryLoop::Receive(milliseconds timeout) {
  Beat();
  if (queue_.size() < kMostQueued) {
    if (Status status = place_.peers.Wait(timeout); !status.ok()) return status;
    const std::size_t room = kMostQueued - queue_.size();
    while (received_.size() < room && place_.peers.Receive(room, &received_) > 0) {
      if (Status status = place_.peers.Wait(milliseconds(0)); !status.ok()) return status;
    }
  }
  std::ranges::move(received_, std::back_inserter(queue_));
  received_.clear();
  place_.page.Set(Word::kQueueDepth, queue_.size());
  place_.page.Set(Word::kPeers, place_.peers.peers());
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
  place_.peers.FlushReplies();
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(taken));
  return {};
}

Status StoryLoop::Apply(std::size_t taken) {
  const std::int64_t start = base::MonotonicMicros();
  const auto results = place_.store.applier().Apply(writes_);
  if (!results.ok() && results.error().code() != base::Code::kUnavailable) return results.error();
  if (results.ok()) NoteCommit(taken, base::MonotonicMicros() - start);
  for (std::size_t i = 0; i < taken; ++i) {
    place_.peers.Reply(queue_[i], results.ok() ? (*results)[i] : records::WriteResult{});
  }
  return {};
}

void StoryLoop::DrawCodes(records::Write* write) {
  auto* record = std::get_if<records::CreateDeviceCode>(write);
  if (record == nullptr || !IsBlank(*record)) return;
  oauth::Ids& ids = ids_;
  ids.Make(&record->device_code_id);
  Codes codes = CodesOf(record->device_code_id, hashes_);
  record->secret_hash = hashes_.Sha256(codes.secret);
  record->user_code = std::move(codes.user_code);
}

void StoryLoop::NoteCommit(std::size_t taken, std::int64_t micros) {
  const auto duration = static_cast<std::uint64_t>(micros);
  const auto frames = static_cast<std::uint64_t>(place_.store.WalFrames());
  wire::WriterPage& page = place_.page;
  page.Add(Word::kBatches, 1);
  page.Add(Word::kRecords, taken);
  page.Set(Word::kLastBatchRecords, taken);
  page.Set(Word::kLastCommitMicros, duration);
  page.RaiseTo(Word::kLongestCommitMicros, duration);
  page.Add(Word::kCommitMicrosTotal, duration);
  page.Set(Word::kWalFrames, frames);
  page.RaiseTo(Word::kWalFramesLongest, frames);
  const auto changes = [](const records::Write* write) {
    return records::ChangesDirectory(*write);
  };
  if (std::ranges::any_of(writes_, changes)) page.Add(Word::kDirectoryGeneration, 1);
}

void StoryLoop::Beat() {
  place_.page.Set(Word::kHeartbeatMs, static_cast<std::uint64_t>(place_.clock.SinceBoot().count()));
}

}  // namespace ladder
