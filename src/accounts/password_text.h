// The text of a password: which characters it may have, and the form in which it is hashed and checked
// (NIST SP 800-63B-4 §3.1.1.2, RFC 8265 §4.2). The same password typed on two keyboards may come as
// different bytes ("é" as one code point or as two), so it is normalized (NFKC) in this one place, for
// every new password and for every sign-in. Pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace accounts {

// What is typed has no more bytes: 256 characters of 4. Normalized it may grow elevenfold; what is
// then longer is refused as too long, and at a sign-in it is nobody's password.
inline constexpr std::size_t kMaxTypedPasswordBytes = 1024;

// ASCII is its own normal form. So is what has none: bytes that are no UTF-8, and more than
// kMaxTypedPasswordBytes.
std::string NormalizePassword(std::string_view typed);

// The form in which passwords are looked up in lists: without upper and lower case.
std::string FoldPassword(std::string_view normalized);

// Why a text can be no new password, as a sentence for the person; empty: it can.
//   no UTF-8
//   control characters, NUL among them: no form sends them, and programs stop at them
//   code points that no character has in the Unicode of the library: the next version may normalize
//   them in another way, and then the password would be wrong
std::string_view UnfitCharacters(std::string_view text);

// Code points: every byte that does not continue one (RFC 3629 §3).
std::size_t CountCharacters(std::string_view text);

}  // namespace accounts
