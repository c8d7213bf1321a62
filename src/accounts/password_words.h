// Words that a guesser who knows the place tries first: the names of the organization and its services,
// the parts of the person's address and of the server's. Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace accounts {

// The texts of which passwords may not be made: names, slugs, addresses, as they are shown.
using PlaceTexts = std::vector<std::string>;

// Without digits and signs (ASCII that is no letter) at both ends.
std::string_view WithoutDecoration(std::string_view folded);

// True where nothing but digits, signs and two letters is left of a password without the words of the
// texts. A word: a run of letters and digits that has three characters and a letter, and each whole text.
bool IsMadeOfPlaceWords(std::string_view folded, const PlaceTexts& texts);

}  // namespace accounts
