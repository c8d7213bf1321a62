// JSON Web Tokens and key sets (RFC 7515, RFC 7517, RFC 7519). Those of others are taken apart, not verified, within
// bounds: texts of 16 KB, 20 keys, and those of json::Parse. Ours are written. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "domain/ports/assertion_verifier.h"
#include "domain/ports/token_signer.h"
#include "records/enums.h"

namespace jose {

// One public key (RFC 7517). Members that are empty are left out.
struct Jwk {
  std::string kty, alg, kid, crv, x, y, n, e;
};

struct Jwt {
  std::string alg;
  std::string kid;  // "" where there is none
  domain::AssertionClaims claims;
  std::string_view signing_input;  // of the given text
  std::string signature;           // bytes
};
// kInvalid: not three parts of strict base64url, no JSON objects, a claim of the wrong type, or a
// header with crit (RFC 7515 §4.1.11: we understand no extension).
base::Result<Jwt> ParseJwt(std::string_view text);

// kInvalid says what is wrong; a private key is, too. Keys that are not for signing ("use" other
// than sig) and members we do not know are left out.
base::Result<std::vector<Jwk>> ParseJwks(std::string_view text);

// ES256 for an EC key on P-256, RS256 for an RSA key; nullopt: a key of another kind, or its "alg" is
// another one.
std::optional<records::SigningAlgorithm> AlgorithmOf(const Jwk& key);

std::string JwksJson(const std::vector<Jwk>& keys);

// {"alg":"ES256","typ":"at+jwt","kid":"…"}
std::string JwtHeader(std::string_view alg, std::string_view typ, std::string_view kid);
// Payloads. The access token's first member is jti (oauth/bearer.h reads it by place).
std::string ToJson(const domain::AccessTokenClaims& claims);
std::string ToJson(const domain::IdTokenClaims& claims);

}  // namespace jose
