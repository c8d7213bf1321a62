#include "base/utf8.h"

#include <array>
#include <cstdint>

namespace base {

namespace {

struct Form {
  std::uint8_t mask, lead;
  std::size_t bytes;
  char32_t least;
};
constexpr std::array kForms{
    Form{0x80, 0x00, 1, 0x0},
    Form{0xe0, 0xc0, 2, 0x80},
    Form{0xf0, 0xe0, 3, 0x800},
    Form{0xf8, 0xf0, 4, 0x10000},
};

bool IsCharacter(char32_t value, const Form& form) {
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  return value >= form.least && value <= 0x10ffff && !surrogate;
}

}  // namespace

Utf8Character DecodeUtf8(std::string_view text) {
  const auto first = static_cast<std::uint8_t>(text[0]);
  for (const Form& form : kForms) {
    if ((first & form.mask) != form.lead) continue;
    if (text.size() < form.bytes) return {};
    char32_t value = first & static_cast<std::uint8_t>(~form.mask);
    for (std::size_t i = 1; i < form.bytes; ++i) {
      const auto next = static_cast<std::uint8_t>(text[i]);
      if ((next & 0xc0) != 0x80) return {};
      value = (value << 6) | (next & 0x3f);
    }
    return IsCharacter(value, form) ? Utf8Character{value, form.bytes} : Utf8Character{};
  }
  return {};
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const bool is_ascii = static_cast<unsigned char>(text[0]) < 0x80;  // most of what is sent
    const std::size_t bytes = is_ascii ? 1 : DecodeUtf8(text).bytes;
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

std::string CleanUtf8(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const std::size_t bytes = DecodeUtf8(text).bytes;
    clean.append(bytes > 0 ? text.substr(0, bytes) : std::string_view("\xef\xbf\xbd"));
    text.remove_prefix(bytes > 0 ? bytes : 1);
  }
  return clean;
}

}  // namespace base
