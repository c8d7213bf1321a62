// Which of the names that there are somebody meant by one that is not. Pure, thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace base {

// The nearest by letters that are missing, too many, wrong, or swapped with their neighbour, whatever their case; of
// a name of n letters n/4 of these, one at least. Empty: none is so near.
std::string NearestName(std::string_view name, std::span<const std::string> names);

}  // namespace base
