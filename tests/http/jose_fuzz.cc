// JSON Web Tokens and key sets: no bytes crash the parser, and what it takes has its bounds.
#include "base/bytes.h"
#include "fuzz.h"
#include "http/jose.h"

namespace fuzz {

std::vector<std::string> Seeds() {
  const std::string header = R"({"alg":"ES256","kid":"k"})";
  const std::string payload = R"({"iss":"a","sub":"a","aud":["c"],"jti":"d","exp":1764000000})";
  return {
      header, payload,
      base::Base64UrlEncode(base::AsBytes(header)) + "." +
          base::Base64UrlEncode(base::AsBytes(payload)) + ".c2ln",
      R"({"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"BB"},{"kty":"RSA","n":"A","e":"A"}]})"};
}

void FuzzOne(std::string_view bytes) {
  if (const auto jwt = http::ParseJwt(bytes); jwt.ok()) {
    Require(bytes.starts_with(jwt->signing_input), "what is signed is the beginning of the text");
  }
  // The JSON behind the base64url as well, which random changes of the text seldom reach.
  (void)http::ParseJwt("e30." + base::Base64UrlEncode(base::AsBytes(bytes)) + ".");
  (void)http::ParseJwt(base::Base64UrlEncode(base::AsBytes(bytes)) + ".e30.");
  if (const auto keys = http::ParseJwks(bytes); keys.ok()) {
    for (const http::Jwk& key : *keys) (void)http::AlgorithmOf(key);
  }
}

}  // namespace fuzz
