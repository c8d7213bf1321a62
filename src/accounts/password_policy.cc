#include "accounts/password_policy.h"

#include <algorithm>
#include <string>

namespace accounts {

namespace {

// Code points: every byte that does not continue one (RFC 3629 §3).
std::size_t CharacterCount(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  }));
}

oauth::Error Unfit(std::string description) {
  return {.code = oauth::ErrorCode::kInvalidRequest, .description = std::move(description)};
}

}  // namespace

std::optional<oauth::Error> CheckNewPassword(std::string_view password, std::string_view repeated) {
  const std::size_t characters = CharacterCount(password);
  if (characters < kMinPasswordCharacters) {
    return Unfit("The password is too short: use at least " +
                 std::to_string(kMinPasswordCharacters) + " characters.");
  }
  if (characters > kMaxPasswordCharacters) {
    return Unfit("The password is too long: use at most " + std::to_string(kMaxPasswordCharacters) +
                 " characters.");
  }
  if (password != repeated) return Unfit("The two passwords differ. Type the same one twice.");
  return std::nullopt;
}

}  // namespace accounts
