#include "writer/sweep_pacer.h"

#include <algorithm>

namespace writer {

namespace {

using base::milliseconds;

constexpr milliseconds kPauseWhenSwept{1000};
constexpr milliseconds kLongestHunger{5000};
// To one part of sweeping so many of pause.
constexpr int kPausesAtWork = 19;
constexpr int kPausesIdle = 4;
// Shorter steps are timed as this, the clock's grain.
constexpr milliseconds kShortestStep{1};

}  // namespace

void SweepPacer::NoteStep(milliseconds start, milliseconds end, bool more) {
  worked_ = false;
  more_ = more;
  last_start_ = start;
  last_end_ = end;
}

milliseconds SweepPacer::TimeToNext(milliseconds now) const {
  if (last_end_ == milliseconds(0)) return milliseconds(0);
  milliseconds pause =
      std::max(last_end_ - last_start_, kShortestStep) * (worked_ ? kPausesAtWork : kPausesIdle);
  if (!more_) pause = std::max(pause, kPauseWhenSwept);
  return std::max(last_end_ + pause - now, milliseconds(0));
}

bool SweepPacer::IsStarved(milliseconds now) const {
  return now - last_end_ >= kLongestHunger && IsDue(now);
}

}  // namespace writer
