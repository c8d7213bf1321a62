#include "base/text.h"

#include <cstddef>

namespace base {

std::string AsciiLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string ShownUserAgent(std::string_view user_agent) {
  constexpr std::size_t kMaxBytes = 200;
  std::string shown;
  for (const char c : user_agent.substr(0, kMaxBytes)) {
    if (c >= ' ' && c < 0x7f) shown.push_back(c);
  }
  return shown;
}

}  // namespace base
