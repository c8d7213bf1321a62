// RapidJSON as this module uses it: include this before any of its headers.
// Its assertions are checks of what it parses as well (its number parser has met one on a stranger's
// text), so they may not end a process: they throw, and Parse() makes an error of it.
#pragma once

#include <stdexcept>

namespace json {

struct RapidJsonAssertion : std::logic_error {
  using std::logic_error::logic_error;
};

}  // namespace json

#ifdef RAPIDJSON_ASSERT
#error "a header of RapidJSON was included before json/rapidjson.h"
#endif
#define RAPIDJSON_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : throw json::RapidJsonAssertion(#condition))
