// How often a device may ask.
#pragma once

#include "base/clock.h"
#include "records/ids.h"

namespace domain {

// Last accepted poll and interval of each device code, in memory shared by all pools. Thread-safe
// and process-safe. A slot may be lost (the next poll counts as the first), never wrong.
class PollTable {
 public:
  virtual ~PollTable() = default;
  struct Verdict {
    bool too_fast = false;
    base::seconds interval{5};  // the one that holds from now on
  };
  // RFC 8628 §3.5: a poll sooner than interval (less a slack of 1 s) after the last accepted one is
  // too fast: interval grows by 5 s, to 60 s at most, and the mark stays. The first poll is always
  // accepted.
  virtual Verdict Poll(records::DeviceCodeId id, base::seconds initial_interval,
                       base::milliseconds now_since_boot) = 0;
};

}  // namespace domain
