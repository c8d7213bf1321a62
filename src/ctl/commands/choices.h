// The words of a closed set of records/enums.h as an option's choices. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "records/audit/audit.h"
#include "records/enums.h"

namespace ctl {

template <class Enum>
std::vector<std::string> ChoicesOf() {
  std::vector<std::string> words;
  for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(Enum::kCount); ++i) {
    words.emplace_back(records::ToText(static_cast<Enum>(i)));
  }
  return words;
}

// nullopt: none of the words (an option that was not given).
template <class Enum>
std::optional<Enum> ChoiceOf(std::string_view word) {
  for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(Enum::kCount); ++i) {
    if (records::ToText(static_cast<Enum>(i)) == word) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace ctl
