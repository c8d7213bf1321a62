// The short code a person reads from a device and types into a browser (RFC 8628 §6.1): eight
// symbols of 32 (A-Z without I and O, 2-9), 40 bits, shown as XXXX-XXXX.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/ports/random.h"

namespace oauth {

std::string DrawUserCode(domain::Random& random);

// What was typed or pasted, in stored form: upper-cased, full-width letters as plain ones, and whatever
// is outside the set dropped: blanks, tabs, dashes of all kinds, characters without a width. nullopt
// where not exactly eight symbols are left, or the text is longer than 256 bytes.
std::optional<std::string> NormalizeUserCode(std::string_view typed);

}  // namespace oauth
