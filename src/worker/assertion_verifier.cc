#include "worker/assertion_verifier.h"

#include "crypto/crypto.h"
#include "http/jose.h"
#include "records/enums.h"

namespace worker {

namespace {

// Keys of one algorithm that an assertion without kid may be of: one on its way out and its successor. Strangers have
// the work done.
constexpr int kMostTried = 2;

// The header names the algorithm and perhaps the key; both must be the key's own (RFC 8725 §3.1).
bool MayHaveSigned(const http::Jwk& key, records::SigningAlgorithm algorithm,
                   const http::Jwt& jwt) {
  return jwt.alg == records::ToText(algorithm) &&
         (jwt.kid.empty() || key.kid.empty() || key.kid == jwt.kid);
}

bool HasSigned(const http::Jwk& key, records::SigningAlgorithm algorithm, const http::Jwt& jwt) {
  const auto der =
      crypto::MakePublicKey(algorithm, {.x = key.x, .y = key.y, .n = key.n, .e = key.e});
  return der.ok() && crypto::VerifySignature(algorithm, *der, jwt.signing_input, jwt.signature);
}

}  // namespace

base::Result<oauth::AssertionClaims> AssertionVerifier::Read(std::string_view jwt) const {
  auto parsed = http::ParseJwt(jwt);
  if (!parsed.ok()) return parsed.error();
  return std::move(parsed->claims);
}

bool AssertionVerifier::Verify(std::string_view jwt, std::string_view jwks) const {
  const auto parsed = http::ParseJwt(jwt);
  const auto keys = http::ParseJwks(jwks);
  if (!parsed.ok() || !keys.ok()) return false;
  int tried = 0;
  for (const http::Jwk& key : *keys) {
    const auto algorithm = http::AlgorithmOf(key);
    if (!algorithm || !MayHaveSigned(key, *algorithm, *parsed)) continue;
    if (HasSigned(key, *algorithm, *parsed)) return true;
    if (++tried == kMostTried) break;
  }
  return false;
}

}  // namespace worker
