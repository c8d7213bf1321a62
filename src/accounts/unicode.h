// Text of people in the form in which it is compared (Unicode Standard Annex 15, section 3.13 of the
// Unicode Standard, RFC 5890 to 5893). The only user of libunistring and libidn2. Pure functions,
// thread-safe. nullopt: the bytes are no UTF-8, or no such form exists.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace accounts {

// Compatibility composed: what looks alike by design ("ﬁ", "Ａ") becomes its plain form.
std::optional<std::string> Nfkc(std::string_view text);

// Without differences of case, composed (NFC).
std::optional<std::string> FoldCase(std::string_view text);

// Letters, marks and decimal digits of any script, none of which is invisible; ASCII passes.
bool IsWordText(std::string_view text);

// The first of what makes a text unfit to be kept for ever: control characters (NUL among them), and code
// points that no character has in this library's Unicode, so that a later one may normalize them in
// another way.
enum class TextFault : std::uint8_t { kNone, kNotUtf8, kControl, kUnassigned };
TextFault FindFault(std::string_view text);

// A domain name as A-labels in lower case ("xn--bcher-kva.example"), by IDNA 2008 after the mapping of
// UTS 46. An A-label that is none is no domain.
std::optional<std::string> ToALabels(std::string_view domain);

}  // namespace accounts
