#include "base/utf8.h"

#include <array>
#include <cstdint>

#include "base/eight_bytes.h"

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

bool IsControl(char32_t c) { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

bool IsCharacter(char32_t value, const Form& form) {
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  return value >= form.least && value <= 0x10ffff && !surrogate;
}

void SkipAscii(std::string_view* text) {
  while (text->size() >= eight_bytes::kCount &&
         (eight_bytes::Load(text->data()) & eight_bytes::kHighBits) == 0) {
    text->remove_prefix(eight_bytes::kCount);
  }
  while (!text->empty() && static_cast<unsigned char>(text->front()) < 0x80) {
    text->remove_prefix(1);
  }
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
  for (;;) {
    SkipAscii(&text);  // most of what is sent
    if (text.empty()) return true;
    const std::size_t bytes = DecodeUtf8(text).bytes;
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
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

std::string Printable(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const Utf8Character c = DecodeUtf8(text);
    const bool good = c.bytes > 0 && !IsControl(c.value);
    const std::size_t bytes = std::max<std::size_t>(c.bytes, 1);
    safe.append(good ? text.substr(0, bytes) : std::string_view("\xef\xbf\xbd"));
    text.remove_prefix(bytes);
  }
  return safe;
}

}  // namespace base
