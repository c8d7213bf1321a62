// How much there is to guess in a text that fingers make by themselves: "1234567" is one thing, not
// seven. Pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <string_view>

namespace accounts {

// Characters (bytes of ASCII), where a run counts as one: three or more that follow each other in
// the alphabet, in the digits or on a keyboard, up or down, or are the same; and a year at an end
// of a number.
std::size_t CountWithoutRuns(std::string_view folded);

// Without runs of letters, digits and signs at both ends: "word" of "123wordabc!". Empty where there is nothing else.
std::string_view WithoutRunsAround(std::string_view folded);

}  // namespace accounts
