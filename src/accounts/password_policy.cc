#include "accounts/password_policy.h"

#include <string>

#include "accounts/common_passwords.h"
#include "accounts/password_text.h"

namespace accounts {

namespace {

domain::Error Unfit(std::string description) {
  return {.code = domain::ErrorCode::kInvalidRequest, .description = std::move(description)};
}

// As typed it may be longer or shorter than as it is hashed; a guesser searches the shorter.
std::optional<domain::Error> CheckLength(std::string_view typed, std::string_view normalized) {
  const std::size_t before = CountCharacters(typed);
  const std::size_t after = CountCharacters(normalized);
  if (before < kMinPasswordCharacters || after < kMinPasswordCharacters) {
    return Unfit("The password is too short: use at least " +
                 std::to_string(kMinPasswordCharacters) + " characters.");
  }
  if (before > kMaxPasswordCharacters || after > kMaxPasswordCharacters) {
    return Unfit("The password is too long: use at most " + std::to_string(kMaxPasswordCharacters) +
                 " characters.");
  }
  return std::nullopt;
}

}  // namespace

std::optional<domain::Error> CheckNewPassword(std::string_view password, std::string_view repeated,
                                              const PlaceTexts& place) {
  const std::string normalized = NormalizePassword(password);
  if (auto unfit = CheckLength(password, normalized)) return unfit;
  if (const auto sentence = UnfitCharacters(password); !sentence.empty()) {
    return Unfit(std::string(sentence));
  }
  if (normalized != NormalizePassword(repeated)) {
    return Unfit("The two passwords differ. Type the same one twice.");
  }
  const std::string folded = FoldPassword(normalized);
  if (IsCommonPassword(folded)) {
    return Unfit(
        "Many people have this password, so it is guessed first. Choose another one: some words "
        "that nobody would put together are good.");
  }
  if (IsMadeOfPlaceWords(folded, place)) {
    return Unfit(
        "This password is made of your address or of names that everybody here knows. Choose "
        "another one: some words that nobody would put together are good.");
  }
  return std::nullopt;
}

}  // namespace accounts
