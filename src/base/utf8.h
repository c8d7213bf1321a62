// UTF-8 (RFC 3629): the only place that takes it apart. Pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace base {

struct Utf8Character {
  char32_t value = 0;
  std::size_t bytes = 0;  // 0: the text does not begin with a valid character
};

// The first character of a text that is not empty. Overlong forms, surrogates and values above
// U+10FFFF are invalid.
Utf8Character DecodeUtf8(std::string_view text);

bool IsUtf8(std::string_view text);

// The text with U+FFFD in place of each byte that belongs to no character.
std::string CleanUtf8(std::string_view text);

// Safe on a terminal: control characters (C0, DEL, C1) and broken UTF-8 become U+FFFD.
std::string Printable(std::string_view text);

}  // namespace base
