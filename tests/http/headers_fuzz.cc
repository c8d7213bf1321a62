// The headers that a client fills as it likes: Cookie and Authorization.
#include <functional>

#include "fuzz.h"
#include "http/authorization.h"
#include "http/cookies.h"

namespace fuzz {

namespace {

bool IsWithin(std::string_view part, std::string_view whole) {
  return part.empty() || (!std::less<>()(part.data(), whole.data()) &&
                          !std::less<>()(whole.data() + whole.size(), part.data() + part.size()));
}

}  // namespace

std::vector<std::string> Seeds() {
  return {"lk-pre=abc; lk-0193=\"quoted\"; a=b=c",
          "__Host-lk-pre=x;;; =; a",
          "Bearer aa.bb.cc",
          "Basic dHBzLWNsaTo=",
          "Basic dHBz",
          "bearer  x",
          "Basic JXp6Og=="};
}

void FuzzOne(std::string_view bytes) {
  for (const http::CookiePair& pair : http::ParseCookies(bytes)) {
    Require(IsWithin(pair.name, bytes) && IsWithin(pair.value, bytes), "a cookie is in its header");
    Require(!pair.name.empty(), "a cookie has a name");
  }
  Require(IsWithin(http::BearerToken(bytes), bytes), "a token is in its header");
  const auto params = http::ParseForm("client_id=tps-cli");
  (void)http::ReadClientCredentials(bytes, *params);
}

}  // namespace fuzz
