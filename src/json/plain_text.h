// What of a text stands in a JSON string as it is. Pure functions, thread-safe. Internal to this module.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/eight_bytes.h"

namespace json {

// What a JSON string has only as an escape: '"', '\' and the controls below the blank (RFC 8259 §7).
constexpr bool NeedsEscape(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == '"' || c == '\\';
}

// How many of eight bytes stand before the first that needs an escape; 8: all of them.
inline std::size_t PlainOfEight(const char* text) {
  using namespace base::eight_bytes;
  const std::uint64_t word = Load(text);
  const std::uint64_t marks = Below(word, ' ') | Is(word, '"') | Is(word, '\\');
  return static_cast<std::size_t>(std::countr_zero(marks)) / 8;
}

// The bytes before the first one that needs an escape.
inline std::size_t PlainBytes(std::string_view text) {
  constexpr std::size_t kStep = base::eight_bytes::kCount;
  if (text.size() < kStep) {
    return static_cast<std::size_t>(std::ranges::find_if(text, NeedsEscape) - text.begin());
  }
  const std::size_t last = text.size() - kStep;
  for (std::size_t i = 0; i <= last; i += kStep) {
    const std::size_t plain = PlainOfEight(text.data() + i);
    if (plain < kStep) return i + plain;
  }
  // The last eight once more, with what is behind the last whole step; before it all is plain.
  return last + PlainOfEight(text.data() + last);
}

}  // namespace json
