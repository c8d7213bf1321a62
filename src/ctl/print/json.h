// The command's JSON is json's (json/value.h): what --json prints and what a server's answer is read
// into.
#pragma once

#include "json/value.h"

namespace ctl {

using Json = json::Value;
using JsonMember = json::Member;
using JsonArray = json::Array;
using JsonObject = json::Object;
using json::ToLine;
using json::ToText;

inline base::Result<Json> ParseJson(std::string_view text) { return json::Parse(text); }

}  // namespace ctl
