#include "oauth/device/user_code.h"

#include <array>

namespace oauth {

namespace {

constexpr std::string_view kSymbols = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
static_assert(kSymbols.size() == 32, "five bits a symbol: a mask has no modulo bias");
constexpr std::size_t kSymbolCount = 8;
constexpr std::size_t kMaxTypedBytes = 64;

std::string WithDash(std::string_view symbols) {
  std::string code(symbols.substr(0, 4));
  code.push_back('-');
  code.append(symbols.substr(4));
  return code;
}

char UpperCase(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

std::string DrawUserCode(Random& random) {
  std::array<std::uint8_t, kSymbolCount> bytes{};
  random.Fill(bytes);
  std::string symbols;
  for (const std::uint8_t byte : bytes) symbols.push_back(kSymbols[byte & 31U]);
  return WithDash(symbols);
}

std::optional<std::string> NormalizeUserCode(std::string_view typed) {
  if (typed.size() > kMaxTypedBytes) return std::nullopt;
  std::string symbols;
  for (const char c : typed) {
    const char upper = UpperCase(c);
    if (kSymbols.find(upper) != std::string_view::npos) symbols.push_back(upper);
  }
  if (symbols.size() != kSymbolCount) return std::nullopt;
  return WithDash(symbols);
}

}  // namespace oauth
