#include "accounts/unicode.h"

#include <idn2.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include <cstdint>
#include <cstdlib>
#include <memory>

namespace accounts {

namespace {

struct Free {
  void operator()(void* bytes) const { std::free(bytes); }  // NOLINT: C libraries allocated it
};

const std::uint8_t* Units(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

bool IsUtf8(std::string_view text) { return u8_check(Units(text), text.size()) == nullptr; }

// What a function of libunistring gave back: null where it found no memory or no UTF-8.
std::optional<std::string> Taken(std::uint8_t* units, std::size_t size) {
  const std::unique_ptr<std::uint8_t, Free> owned(units);
  if (units == nullptr) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(units), size);
}

std::optional<std::string> Normalize(uninorm_t form, std::string_view text) {
  if (text.empty()) return std::string();
  if (!IsUtf8(text)) return std::nullopt;
  std::size_t size = 0;
  std::uint8_t* const units = u8_normalize(form, Units(text), text.size(), nullptr, &size);
  return Taken(units, size);
}

bool IsWordCharacter(ucs4_t c) {
  constexpr std::uint32_t kWord = UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_Nd;
  return uc_is_general_category_withtable(c, kWord) &&
         !uc_is_property_default_ignorable_code_point(c);
}

}  // namespace

std::optional<std::string> Nfkc(std::string_view text) { return Normalize(UNINORM_NFKC, text); }

std::optional<std::string> FoldCase(std::string_view text) {
  // Composed before as well: so two ways of writing one letter are folded alike.
  auto composed = Normalize(UNINORM_NFC, text);
  if (!composed || composed->empty()) return composed;
  std::size_t size = 0;
  std::uint8_t* const units =
      u8_casefold(Units(*composed), composed->size(), nullptr, UNINORM_NFC, nullptr, &size);
  return Taken(units, size);
}

bool IsWordText(std::string_view text) {
  constexpr ucs4_t kAsciiEnd = 0x80;
  if (!IsUtf8(text)) return false;
  while (!text.empty()) {
    ucs4_t c = 0;
    const int bytes = u8_mbtouc(&c, Units(text), text.size());
    if (c >= kAsciiEnd && !IsWordCharacter(c)) return false;
    text.remove_prefix(static_cast<std::size_t>(bytes));
  }
  return true;
}

TextFault FindFault(std::string_view text) {
  if (!IsUtf8(text)) return TextFault::kNotUtf8;
  while (!text.empty()) {
    ucs4_t c = 0;
    const int bytes = u8_mbtouc(&c, Units(text), text.size());
    if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Cc)) return TextFault::kControl;
    if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Cn)) return TextFault::kUnassigned;
    text.remove_prefix(static_cast<std::size_t>(bytes));
  }
  return TextFault::kNone;
}

std::optional<std::string> ToALabels(std::string_view domain) {
  if (!IsUtf8(domain)) return std::nullopt;
  const std::string terminated(domain);
  std::uint8_t* labels = nullptr;
  const int code =
      idn2_lookup_u8(Units(terminated), &labels, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<std::uint8_t, Free> owned(labels);
  if (code != IDN2_OK || labels == nullptr) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(labels));
}

}  // namespace accounts
