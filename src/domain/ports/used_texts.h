// Texts that are good for one use.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "records/ids.h"

namespace domain {

// Texts that may be used once within a window, in memory shared by all pools. Thread-safe and
// process-safe.
class UsedTexts {
 public:
  virtual ~UsedTexts() = default;
  enum class Use : std::uint8_t {
    kFirst,
    kRepeated,  // by the same request, which nginx sent again
    kUsed,
    kNoRoom,  // to remember it: it must not be believed
  };
  // Another request is taken for the one that used the text first with a chance of 2^-32.
  virtual Use Take(std::string_view text, records::RecordId request_id, base::seconds window,
                   base::milliseconds now_since_boot) = 0;
};

}  // namespace domain
