// JSON bodies: what is taken is clean text; depth and size cost no stack.
#include "base/utf8.h"
#include "fuzz.h"
#include "http/params.h"

namespace fuzz {

std::vector<std::string> Seeds() {
  return {R"({"client_id":"tps-cli","org":"acme","service":"cli"})",
          R"({"a":"\u00e9\ud83d\udd11","n":-1.5e3,"t":true,"f":false,"z":null,"o":{"a":[1,{}]}})",
          R"({"a":1,"a":2})",
          R"("text")",
          "{",
          std::string(300, '[') + std::string(300, ']'),
          R"({"a":"\ud800"})"};
}

void FuzzOne(std::string_view bytes) {
  const auto params = http::ParseJson(bytes);
  if (!params.ok()) return;
  for (const char* name : {"client_id", "a", "n", "t", "o", "z"}) {
    const std::string_view value = params->Get(name);
    Require(base::IsUtf8(value), "a member is UTF-8");
    Require(value.find('\0') == std::string_view::npos, "a member has no NUL");
  }
}

}  // namespace fuzz
