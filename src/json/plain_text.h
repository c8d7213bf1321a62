// What of a text stands in a JSON string as it is. Pure functions, thread-safe. Internal to this room.
#pragma once

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

// The bytes before the first one that needs an escape.
inline std::size_t PlainBytes(std::string_view text) {
  using base::eight_bytes::kCount;
  std::size_t i = 0;
  for (; i + kCount <= text.size(); i += kCount) {
    const std::uint64_t word = base::eight_bytes::Load(text.data() + i);
    const std::uint64_t marks = base::eight_bytes::Below(word, ' ') |
                                base::eight_bytes::Is(word, '"') |
                                base::eight_bytes::Is(word, '\\');
    if (marks != 0) return i + static_cast<std::size_t>(std::countr_zero(marks)) / 8;
  }
  while (i < text.size() && !NeedsEscape(text[i])) ++i;
  return i;
}

}  // namespace json
