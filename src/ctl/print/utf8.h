// Decoding UTF-8 one character at a time (RFC 3629). Pure, thread-safe.
#pragma once

#include <cstddef>
#include <string_view>

namespace ctl {

struct Utf8Character {
  char32_t value = 0;
  std::size_t bytes = 0;  // 0: the text does not begin with a valid character
};

// The first character of a text that is not empty. Overlong forms, surrogates and values above
// U+10FFFF are invalid.
Utf8Character DecodeUtf8(std::string_view text);

}  // namespace ctl
