#include "base/nearest.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace base {

namespace {

// Longer than any name of ours: what somebody put there is not compared letter by letter.
constexpr std::size_t kLongestName = 64;

// Optimal string alignment: Levenshtein's distance, with a swap of neighbours as one step. Three rows of its table.
std::size_t DistanceOf(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t wrong = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + wrong});
      const bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swap) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string NearestName(std::string_view name, std::span<const std::string> names) {
  if (name.empty() || name.size() > kLongestName) return "";
  const std::string wanted = AsciiLower(name);
  std::size_t least = std::max<std::size_t>(1, name.size() / 4) + 1;
  std::string nearest;
  for (const std::string& candidate : names) {
    const std::size_t distance = DistanceOf(wanted, AsciiLower(candidate));
    if (distance >= least) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}

}  // namespace base
