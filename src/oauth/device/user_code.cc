#include "oauth/device/user_code.h"

#include <array>

namespace oauth {

namespace {

constexpr std::string_view kSymbols = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
static_assert(kSymbols.size() == 32, "five bits a symbol: a mask has no modulo bias");
constexpr std::size_t kSymbolCount = 8;
constexpr std::size_t kMaxTypedBytes = 256;

std::string WithDash(std::string_view symbols) {
  std::string code(symbols.substr(0, 4));
  code.push_back('-');
  code.append(symbols.substr(4));
  return code;
}

// Takes the next character off the text, in ASCII; 0 for one outside of it. Input methods of East Asia
// type letters and digits in their full width (U+FF01 to U+FF5E): the same, three bytes long.
char TakeCharacter(std::string_view* text) {
  constexpr unsigned char kFirst = 0xbc;  // U+FF00: ef bc 80
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>((*text)[i]); };
  char taken = byte(0) < 0x80 ? text->front() : '\0';
  std::size_t size = 1;
  if (text->size() >= 3 && byte(0) == 0xef && (byte(1) == kFirst || byte(1) == kFirst + 1)) {
    const int offset = (byte(1) - kFirst) * 0x40 + (byte(2) & 0x3f);
    if (offset >= 1 && offset <= 0x5e) taken = static_cast<char>(' ' + offset);
    size = 3;
  }
  text->remove_prefix(size);
  return taken;
}

char UpperCase(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

std::string DrawUserCode(domain::Random& random) {
  std::array<std::uint8_t, kSymbolCount> bytes{};
  random.Fill(bytes);
  std::string symbols;
  for (const std::uint8_t byte : bytes) symbols.push_back(kSymbols[byte & 31U]);
  return WithDash(symbols);
}

std::optional<std::string> NormalizeUserCode(std::string_view typed) {
  if (typed.size() > kMaxTypedBytes) return std::nullopt;
  std::string symbols;
  while (!typed.empty()) {
    const char upper = UpperCase(TakeCharacter(&typed));
    if (kSymbols.find(upper) != std::string_view::npos) symbols.push_back(upper);
  }
  if (symbols.size() != kSymbolCount) return std::nullopt;
  return WithDash(symbols);
}

}  // namespace oauth
