// Text of people and programs in a form that compares and shows well. Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace base {

// A-Z in lower case; every other byte as it is.
std::string AsciiLower(std::string_view text);

// A User-Agent as pages may show it: the printable ASCII of its first 200 bytes.
std::string ShownUserAgent(std::string_view user_agent);

}  // namespace base
