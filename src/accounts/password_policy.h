// What a new password must be: 10 to 256 characters as typed and as normalized
// (accounts/password_text.h), none of the commonest, not made of the words of the place, and typed twice
// alike. No rules of composition (NIST SP 800-63B-4 §3.1.1.2, ASVS 5.0 V6.2). Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "accounts/password_words.h"
#include "domain/error.h"

namespace accounts {

inline constexpr std::size_t kMinPasswordCharacters = 10;
inline constexpr std::size_t kMaxPasswordCharacters = 256;

// nullopt: it will do. kInvalidRequest says what is wrong and what to do, for the person.
std::optional<domain::Error> CheckNewPassword(std::string_view password, std::string_view repeated,
                                              const PlaceTexts& place);

}  // namespace accounts
