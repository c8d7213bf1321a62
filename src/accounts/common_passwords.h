// The passwords that guessers try first: 10,000 of the commonest that are long enough for our rule, and 4,000 words
// that become so by what people put around them (docs/decisions/crypto.md says of which lists). Pure functions,
// thread-safe.
#pragma once

#include <string_view>

namespace accounts {

// `folded`: of FoldPassword. True also if the rest without the digits and signs at both ends is one, if that is a
// common word and they are few ("P@ssw0rd123"), or if fewer than four different characters stand in it.
bool IsCommonPassword(std::string_view folded);

}  // namespace accounts
