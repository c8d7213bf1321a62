// What an e-mail address is here, and when two are the same: one rule for whoever makes a user, looks for
// one, imports or signs in. The form it gives is what is stored and compared. Pure, thread-safe.
//
//   before the @   letters, digits and marks of any script and . ! # $ % & ' * + / = ? ^ _ ` { | } ~ -,
//                  1 to 64 bytes; composed and without differences of case (NFC, case folding).
//                  What NFKC would change ("Ａ") is refused: it looks like something else
//   behind it      a domain name as A-labels in lower case (RFC 5890)
//   together       254 bytes at most (RFC 5321 §4.5.3.1)
//
// That is what <input type="email"> lets through (HTML, "valid e-mail address") with letters of other
// scripts added; neither quoted names nor addresses of machines in brackets.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace accounts {

inline constexpr std::size_t kMaxEmailBytes = 254;

// Blanks around it are no part of it. kInvalid says what is wrong with it, without naming it.
base::Result<std::string> NormalizeEmailAddress(std::string_view typed);

}  // namespace accounts
