// SQL that several statements share, put together by the compiler.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace store {

// Several constants as one, put together by the compiler. A name that two files give to texts of
// their own is one symbol for GCC 14, and one text: tests/check_layers.py refuses it.
template <const std::string_view&... Parts>
struct JoinedText {
  static constexpr auto kChars = [] {
    std::array<char, (Parts.size() + ...) + 1> chars{};
    std::size_t end = 0;
    const auto append = [&](std::string_view part) {
      for (const char c : part) chars[end++] = c;
    };
    (append(Parts), ...);
    return chars;
  }();
};
template <const std::string_view&... Parts>
inline constexpr std::string_view kJoined{JoinedText<Parts...>::kChars.data(),
                                          JoinedText<Parts...>::kChars.size() - 1};

}  // namespace store
