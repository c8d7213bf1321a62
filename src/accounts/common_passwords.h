// The passwords that guessers try first: 10,000 of the commonest that are long enough for our rule
// (docs/decisions/crypto.md says of which lists). Pure functions, thread-safe.
#pragma once

#include <string_view>

namespace accounts {

// `folded`: of FoldPassword. True also where the rest without the digits and signs at both ends is one.
bool IsCommonPassword(std::string_view folded);

}  // namespace accounts
