// JSON objects of texts without escapes, which is what programs send: read without a Value between.
// Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace json {

struct PlainMember {
  std::string_view key, value;
};
using PlainObject = std::vector<PlainMember>;

// The members in their order, as views into `text`; a key may be there twice. nullopt: anything else,
// be it JSON or not, which Parse() is to judge. What this reads Parse() reads as the same.
std::optional<PlainObject> ReadPlainObject(std::string_view text);

}  // namespace json
