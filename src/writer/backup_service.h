// Serves one backup at a time to a peer that asked for it: a small step of the copy between two batches,
// every kStepPause at most, so that no commit waits for more than one step. The finished copy belongs to
// that peer for as long as it stays connected; whatever is left of it then is removed. A peer that goes,
// or a writer that stops, ends the copy. A database that grows as fast as it is copied is caught up: the
// steps double each time that all of it as it was should have been copied. Not thread-safe; on the
// commit loop.
// Source: docs/wire-protocol.md "A backup".
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/log.h"
#include "wire/frame.h"
#include "writer/peers/peer_server.h"
#include "writer/store_maintenance.h"

namespace writer {

class BackupService {
 public:
  static constexpr base::milliseconds kStepPause{8};
  static constexpr int kMostPagesPerStep = 1024;  // some milliseconds

  // References outlive it.
  BackupService(int pages_per_step, PeerServer& peers, StoreMaintenance& store,
                const base::Clock& clock, const base::Log& log)
      : pages_per_step_(pages_per_step), peers_(peers), store_(store), clock_(clock), log_(log) {}

  // After each batch: hears who asks, makes a step where one is due.
  void Turn();
  // The writer stops: the peer is told so.
  void Stop();
  // Until the next step is due; kNever where no copy is being made.
  base::milliseconds TimeToNext(base::milliseconds now) const;
  static constexpr base::milliseconds kNever{3'600'000};

 private:
  enum class Phase : std::uint8_t { kIdle, kCopying, kHandedOver };

  void Admit(std::uint64_t asker);
  void Step(base::milliseconds now);
  void CatchUp(const store::OnlineBackup::Progress& step);
  void Finish();
  void Fail(const base::Status& reason);
  void Release();

  int pages_per_step_;
  PeerServer& peers_;
  StoreMaintenance& store_;
  const base::Clock& clock_;
  const base::Log& log_;
  Phase phase_ = Phase::kIdle;
  std::uint64_t asker_ = 0;
  store::OnlineBackup::Progress done_;
  int pages_ = 0;          // of the next step
  std::int64_t goal_ = 0;  // copied pages at which it doubles
  base::milliseconds began_{0};
  base::milliseconds next_step_{0};
  base::milliseconds next_word_{0};  // when the peer hears of the progress again
};

}  // namespace writer
