// The Cookie header: pairs that lie in it, and what we set is what comes back.
#include <functional>

#include "fuzz/fuzz.h"
#include "fuzz/grammar.h"
#include "http/cookies.h"

namespace fuzz {

namespace {

const std::vector<std::string_view> kNames{"lk-pre", "__Host-lk-pre", "lk-0193", "a"};

bool IsWithin(std::string_view part, std::string_view whole) {
  return part.empty() || (!std::less<>()(part.data(), whole.data()) &&
                          !std::less<>()(whole.data() + whole.size(), part.data() + part.size()));
}

bool IsPlain(std::string_view text) {
  for (const char c : text) {
    if (c <= ' ' || c >= 0x7f || c == ';' || c == '=' || c == '"' || c == ',') return false;
  }
  return !text.empty();
}

}  // namespace

std::string Grow(Random& random) { return CookieHeader(random, kNames); }

void FuzzOne(std::string_view bytes) {
  http::CookieReader reader(bytes);
  while (const auto found = reader.Next()) {
    const http::CookiePair& pair = *found;
    Require(IsWithin(pair.name, bytes) && IsWithin(pair.value, bytes), "a cookie is in its header");
    Require(!pair.name.empty(), "a cookie has a name");
    Require(pair.value.find(';') == std::string_view::npos, "a cookie ends before the next");
    if (!IsPlain(pair.name) || !IsPlain(pair.value)) continue;
    const std::string set = http::ToHeader(
        {.name = std::string(pair.name), .value = std::string(pair.value), .max_age = {}});
    Require(http::FindCookie(set, pair.name) == pair.value, "what is set comes back");
  }
  for (const std::string_view name : kNames) {
    Require(IsWithin(http::FindCookie(bytes, name), bytes), "a value is in its header");
  }
}

}  // namespace fuzz
