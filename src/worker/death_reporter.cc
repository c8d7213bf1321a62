#include "worker/death_reporter.h"

#include <algorithm>

#include "records/writes.h"
#include "worker/pool/child_process.h"

namespace worker {

namespace {

// The complement of the request's id: its own record, whoever sends it however often, and no record
// of that request.
records::RecordId RecordIdFor(const base::IdBytes& request) {
  records::RecordId id;
  std::ranges::transform(request, id.bytes.begin(),
                         [](std::uint8_t byte) { return static_cast<std::uint8_t>(~byte); });
  return id;
}

}  // namespace

void DeathReporter::TurnEnded() {
  const std::uint64_t left = notes_.left();
  if (left == left_seen_ && !has_more_) return;
  const base::milliseconds now = clock_.SinceBoot();
  if (now < next_at_) return;
  next_at_ = now + kPause;
  left_seen_ = left;
  SendOne(now);
  has_more_ = notes_.HasNotes();
}

void DeathReporter::SendOne(base::milliseconds now) {
  const auto taken = notes_.Take(now);
  if (!taken) return;
  const shm::DeathNote& note = taken->note;
  const base::Status sent = writer_.Send(
      records::RecordChildDeath{.record_id = RecordIdFor(note.request),
                                .request_id = {note.request},
                                .child = note.child,
                                .how = DescribeExit(note.wait_status)},
      [this, place = taken->place](const records::WriteResult& result) {
        const bool may_try_again =
            result.code == base::Code::kUnavailable || result.code == base::Code::kFull;
        may_try_again ? notes_.GiveBack(place) : notes_.Drop(place);
      },
      note.address);
  if (!sent.ok()) notes_.GiveBack(taken->place);
}

}  // namespace worker
