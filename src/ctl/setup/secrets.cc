#include "ctl/setup/secrets.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace ctl {

namespace {

// 32 characters, five bits each, so that no character is likelier than another.
constexpr std::string_view kAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";
static_assert(kAlphabet.size() == 32);
constexpr std::size_t kPasswordCharacters = 20;
constexpr std::size_t kGroup = 5;

}  // namespace

std::string DrawPassword(domain::Random& random) {
  std::array<std::uint8_t, kPasswordCharacters> drawn{};
  random.Fill(drawn);
  std::string password;
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    if (i > 0 && i % kGroup == 0) password.push_back('-');
    password.push_back(kAlphabet[drawn[i] % kAlphabet.size()]);
  }
  return password;
}

}  // namespace ctl
