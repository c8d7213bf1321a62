#include "accounts/password_text.h"

#include <algorithm>

#include "accounts/unicode.h"

namespace accounts {

namespace {

bool IsAscii(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return (static_cast<unsigned char>(c) & 0x80U) != 0; });
}

}  // namespace

std::string NormalizePassword(std::string_view typed) {
  if (IsAscii(typed) || typed.size() > kMaxTypedPasswordBytes) return std::string(typed);
  return Nfkc(typed).value_or(std::string(typed));
}

std::string FoldPassword(std::string_view normalized) {
  return FoldCase(normalized).value_or(std::string(normalized));
}

std::string_view UnfitCharacters(std::string_view text) {
  switch (FindFault(text)) {
    case TextFault::kNone:
      return {};
    case TextFault::kNotUtf8:
      return "The password is no text in UTF-8.";
    case TextFault::kControl:
      return "The password has a control character, such as a tab. Leave it out.";
    case TextFault::kUnassigned:
      return "The password has a character that this server does not know. Leave it out.";
  }
  return {};
}

std::size_t CountCharacters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  }));
}

}  // namespace accounts
