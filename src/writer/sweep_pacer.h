// When the writer may delete expired rows and seal the audit log: for at most a fifth of the time while
// nothing else is asked of it (the children may be busy with reads, and want its processor), and for at
// most 5 % while there is. Not thread-safe. All times are since boot.
#pragma once

#include "base/clock.h"

namespace writer {

class SweepPacer {
 public:
  // A batch was committed.
  void NoteWork() { worked_ = true; }
  // A step ran from `start` to `end`. `more`: it left expired rows behind.
  void NoteStep(base::milliseconds start, base::milliseconds end, bool more);
  // Time until the next step may run where nothing is queued; 0: now.
  base::milliseconds TimeToNext(base::milliseconds now) const;
  bool IsDue(base::milliseconds now) const { return TimeToNext(now) == base::milliseconds(0); }
  // No step ran for so long that one is due between two batches, even with records queued.
  bool IsStarved(base::milliseconds now) const;

 private:
  bool worked_ = false;  // since the last step
  bool more_ = false;
  base::milliseconds last_start_{0};
  base::milliseconds last_end_{0};
};

}  // namespace writer
