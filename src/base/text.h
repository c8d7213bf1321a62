// Text of people and programs in a form that compares and shows well. Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace base {

// A-Z in lower case; every other byte as it is.
std::string AsciiLower(std::string_view text);

// `text` is `lower`, which has no A-Z, but for the case of A-Z.
bool IsInLower(std::string_view text, std::string_view lower);

// Printable ASCII throughout: blank to '~', as nearly all that is sent and stored. Then it is UTF-8
// without control characters as well.
bool IsPrintableAscii(std::string_view text);

// C0 and DEL; those of C1 are more bytes than one (accounts/unicode.h).
constexpr bool IsControl(char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }

// A User-Agent as pages may show it: the printable ASCII of its first 200 bytes.
std::string ShownUserAgent(std::string_view user_agent);

// The parts of `text` that are not empty.
std::vector<std::string_view> Split(std::string_view text, char separator);

}  // namespace base
