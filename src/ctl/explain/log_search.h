// Finding lines in logs that may be long: backwards from the end, as far as a bound, never a whole file in
// memory. Lives on one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <string_view>

#include "base/status.h"

namespace ctl {

inline constexpr std::size_t kSearchedBytes = std::size_t{256} << 20U;  // of a file, from its end
inline constexpr std::size_t kLongestLine = 64 * 1024;                  // longer ones are skipped

// Called with each line, latest first; false ends the search.
using LineVisitor = std::function<bool(std::string_view line)>;

// kNotFound, kDenied: the file cannot be read.
base::Status VisitLinesFromEnd(const std::string& path, const LineVisitor& visit,
                               std::size_t most_bytes = kSearchedBytes);
// What is piped in, from its beginning.
void VisitLines(std::istream& in, const LineVisitor& visit);

}  // namespace ctl
