#include <string>

#include "crypto/passwords/foreign_forms.h"

namespace crypto {

namespace {

using std::string_view;

constexpr std::size_t kBcryptBytes = 60;
constexpr string_view kBcryptAlphabet =
    "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

ParsedHash ReadBcrypt(string_view text, Bcrypt::Input input) {
  const string_view cost_text = text.size() == kBcryptBytes ? text.substr(4, 2) : string_view();
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (cost_text.empty() || !is_digit(cost_text[0]) || !is_digit(cost_text[1]) || text[6] != '$' ||
      text.substr(7).find_first_not_of(kBcryptAlphabet) != string_view::npos) {
    return InvalidHash("a bcrypt hash is $2b$, two digits, $ and 53 characters of ./A-Za-z0-9");
  }
  const int cost = (cost_text[0] - '0') * 10 + (cost_text[1] - '0');
  if (cost < 4 || cost > static_cast<int>(kMaxBcryptCost)) {
    return InvalidHash("bcrypt of cost " + std::to_string(cost) + ": 4 to " +
                       std::to_string(kMaxBcryptCost) + " are taken");
  }
  return ParsedHash(Bcrypt{.input = input, .crypt = std::string(text)});
}

// What stands behind bcrypt$, bcrypt_sha256$ or a name in braces.
ParsedHash ReadNamed(string_view text, Bcrypt::Input input) {
  if (text.starts_with("$2a$") || text.starts_with("$2b$") || text.starts_with("$2y$")) {
    return ReadBcrypt(text, input);
  }
  return InvalidHash("behind the name of bcrypt a bcrypt hash is missing ($2b$…)");
}

}  // namespace

ParsedHash ParseBcrypt(string_view text) { return ReadBcrypt(text, Bcrypt::Input::kPassword); }

ParsedHash ParseNamedBcrypt(string_view rest) { return ReadNamed(rest, Bcrypt::Input::kPassword); }

ParsedHash ParseBcryptOfSha256(string_view rest) {
  return ReadNamed(rest, Bcrypt::Input::kHexOfSha256);
}

}  // namespace crypto
