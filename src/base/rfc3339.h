// Times as text (RFC 3339 §5.6). Pure functions, thread-safe.
//
//   date "T" time [ "." 1*DIGIT ] ( "Z" / ("+" / "-") hour ":" minute )
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace base {

// "T" and "Z" in any case, a blank for "T"; finer than a millisecond is cut off. nullopt: no such text.
std::optional<Time> ParseRfc3339(std::string_view text);

// 2026-11-25T01:02:03Z. A time out of the years 0 to 9999 as the nearest in them.
std::string Rfc3339(Time time);

}  // namespace base
