// JSON Web Tokens and key sets: no bytes crash the parser, and what it takes has its bounds.
#include "base/bytes.h"
#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "fuzz/grammar.h"
#include "fuzz/json_text.h"
#include "http/params.h"
#include "jose/jose.h"

namespace fuzz {

namespace {

// As long as the year has four digits.
bool IsTime(const std::optional<base::Time>& time) {
  return !time ||
         (base::ToUnixMillis(*time) >= 0 && base::ToUnixMillis(*time) <= 100'000'000'000'000);
}

void CheckToken(std::string_view text) {
  const auto jwt = jose::ParseJwt(text);
  if (!jwt.ok()) return;
  Require(text.starts_with(jwt->signing_input), "what is signed is the beginning of the text");
  Require(text.substr(jwt->signing_input.size()) ==
              "." + base::Base64UrlEncode(base::AsBytes(jwt->signature)),
          "and the signature is its end");
  const std::string_view signed_part = jwt->signing_input;
  const auto header = base::Base64UrlDecode(signed_part.substr(0, signed_part.find('.')));
  const auto claims = base::Base64UrlDecode(signed_part.substr(signed_part.find('.') + 1));
  Require(header && JsonText::IsObject(*header), "a header is a JSON object");
  Require(claims && JsonText::IsObject(*claims), "claims are a JSON object");
  Require(IsTime(jwt->claims.exp) && IsTime(jwt->claims.nbf) && IsTime(jwt->claims.iat),
          "a time lies within its bounds");
}

bool Same(const jose::Jwk& a, const jose::Jwk& b) {
  return a.kty == b.kty && a.alg == b.alg && a.kid == b.kid && a.crv == b.crv && a.x == b.x &&
         a.y == b.y && a.n == b.n && a.e == b.e;
}

bool IsText(const jose::Jwk& key) {
  for (const std::string* text :
       {&key.kty, &key.alg, &key.kid, &key.crv, &key.x, &key.y, &key.n, &key.e}) {
    if (!base::IsUtf8(*text)) return false;
  }
  return true;
}

void CheckKeys(std::string_view text) {
  const auto keys = jose::ParseJwks(text);
  if (!keys.ok()) return;
  Require(JsonText::IsObject(text), "a key set is a JSON object");
  Require(keys->size() <= 20, "keys are bounded");
  for (const jose::Jwk& key : *keys) {
    Require(IsText(key), "members of a key are UTF-8");
    (void)jose::AlgorithmOf(key);
  }
  const std::string written = jose::JwksJson(*keys);
  const auto again = jose::ParseJwks(written);
  if (!again.ok()) {
    Require(written.size() > 16384, "what is written is read, unless escapes made it too long");
    return;
  }
  Require(again->size() == keys->size(), "no key is lost");
  for (std::size_t i = 0; i < keys->size(); ++i) {
    Require(Same((*keys)[i], (*again)[i]), "a key is written as it was read");
  }
}

}  // namespace

std::string Grow(Random& random) {
  switch (random.Below(4)) {
    case 0:
      return Jwks(random);
    case 1:
      return JsonObject(random, {"iss", "sub", "aud", "exp", "nbf", "iat", "alg", "kid", "crit"});
    default:
      return Jwt(random);
  }
}

void FuzzOne(std::string_view bytes) {
  CheckToken(bytes);
  // The JSON behind the base64url as well, which changes of the text seldom reach.
  const std::string encoded = base::Base64UrlEncode(base::AsBytes(bytes));
  CheckToken("e30." + encoded + ".");
  CheckToken(encoded + ".e30.");
  CheckKeys(bytes);
}

}  // namespace fuzz
