// What a new password must be: 10 to 256 characters (NIST SP 800-63B §5.1.1.2 advises length over
// rules of composition), typed twice alike. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "oauth/error.h"

namespace accounts {

inline constexpr std::size_t kMinPasswordCharacters = 10;
inline constexpr std::size_t kMaxPasswordCharacters = 256;

// nullopt: it will do. kInvalidRequest says what is wrong, for the person. Both are UTF-8: the
// form's codec refuses all else.
std::optional<oauth::Error> CheckNewPassword(std::string_view password, std::string_view repeated);

}  // namespace accounts
