#include "ctl/print/utf8.h"

#include <array>
#include <cstdint>

namespace ctl {

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

}  // namespace ctl
