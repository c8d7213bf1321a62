// JSON bodies: what is taken is JSON by the book and clean text; depth and size cost no stack; a number is whatever
// it is.
#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "fuzz/grammar.h"
#include "fuzz/json_text.h"
#include "http/params.h"

namespace fuzz {

namespace {

const std::vector<std::string_view> kNames{"client_id", "a", "n", "t", "o", "z", "scope"};

}  // namespace

std::string Grow(Random& random) {
  if (random.OneIn(10)) return JsonDepth(random);
  return random.OneIn(10) ? JsonValue(random, 4) : JsonObject(random, kNames);
}

void FuzzOne(std::string_view bytes) {
  const auto params = http::ParseJson(bytes);
  if (!params.ok()) {
    Require(!params.error().message().empty(), "a refusal has a reason");
    return;
  }
  Require(JsonText::IsObject(bytes), "what is taken is a JSON object");
  for (const std::string_view name : kNames) {
    const std::string_view value = params->Get(name);
    Require(base::IsUtf8(value), "a member is UTF-8");
    Require(value.find_first_of(std::string_view("\0\r\n\x7f", 4)) == std::string_view::npos,
            "a member has no control character");
  }
  Require(http::ParseBody("application/json; charset=utf-8", bytes).ok(),
          "as a body it is the same");
  Require(!bytes.empty(), "an empty text is no object");
}

}  // namespace fuzz
