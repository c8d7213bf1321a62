// Words that a guesser who knows the place tries first: the names of the organization and its services,
// the parts of the person's address and of the server's. Pure functions, thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace accounts {

// The texts of which passwords may not be made: names, slugs, addresses, as they are shown.
using PlaceTexts = std::vector<std::string>;

// Whose password it will be, and where.
struct Place {
  std::string_view organization_slug, organization_name;
  std::span<const std::string> service_names;  // slug, name, slug, …; by slug
  std::string_view email;
  std::string_view public_url;
};
// Each text by itself, of the services those of the first domain::kMaxServiceNames.
PlaceTexts PlaceTextsOf(const Place& place);

// Without digits and signs (ASCII that is no letter) at both ends.
std::string_view WithoutDecoration(std::string_view folded);

// True where nothing but digits, signs and two letters (of any script) is left of a password without the words of the
// texts. A word: a run of letters and digits that has three characters and a letter, and each whole text.
bool IsMadeOfPlaceWords(std::string_view folded, const PlaceTexts& texts);

}  // namespace accounts
