// Sends to the audit log what the parents of the pools noted of children that died of a request
// (shm/death_notes.h). One a child, on its loop; not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "shm/death_notes.h"
#include "wire/client.h"

namespace worker {

class DeathReporter {
 public:
  // Between two records of one child: children may die faster than a log should grow.
  static constexpr base::seconds kPause{1};

  // All of them outlive it.
  DeathReporter(shm::DeathNotes& notes, wire::Client& writer, const base::Clock& clock)
      : notes_(notes), writer_(writer), clock_(clock) {}

  // One load and a comparison unless somebody died.
  void TurnEnded();

 private:
  void SendOne(base::milliseconds now);

  shm::DeathNotes& notes_;
  wire::Client& writer_;
  const base::Clock& clock_;
  std::uint64_t left_seen_ = 0;
  bool has_more_ = false;
  base::milliseconds next_at_{0};  // since boot
};

}  // namespace worker
