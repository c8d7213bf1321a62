#include "jose/assertion_verifier.h"

#include "crypto/crypto.h"
#include "jose/jose.h"
#include "records/audit/audit.h"
#include "records/enums.h"

namespace jose {

namespace {

// Keys of one algorithm that are tried though neither header nor key says that it is this one: one on its way out and
// its successor. Strangers have the work done.
constexpr int kMostTried = 2;

enum class Match : std::uint8_t { kNone, kPerhaps, kNamed };

// The header names the algorithm and perhaps the key; both must be the key's own (RFC 8725 §3.1).
Match MatchOf(const Jwk& key, const Jwt& jwt) {
  const auto algorithm = AlgorithmOf(key);
  if (!algorithm || jwt.alg != records::ToText(*algorithm)) return Match::kNone;
  if (jwt.kid.empty() || key.kid.empty()) return Match::kPerhaps;
  return key.kid == jwt.kid ? Match::kNamed : Match::kNone;
}

bool HasSigned(const Jwk& key, const Jwt& jwt) {
  const records::SigningAlgorithm algorithm = *AlgorithmOf(key);
  const auto der =
      crypto::MakePublicKey(algorithm, {.x = key.x, .y = key.y, .n = key.n, .e = key.e});
  return der.ok() && crypto::VerifySignature(algorithm, *der, jwt.signing_input, jwt.signature);
}

}  // namespace

base::Result<domain::AssertionClaims> AssertionVerifier::Read(std::string_view jwt) const {
  auto parsed = ParseJwt(jwt);
  if (!parsed.ok()) return parsed.error();
  return std::move(parsed->claims);
}

bool AssertionVerifier::Verify(std::string_view jwt, std::string_view jwks) const {
  const auto parsed = ParseJwt(jwt);
  const auto keys = ParseJwks(jwks);
  if (!parsed.ok() || !keys.ok()) return false;
  for (const Jwk& key : *keys) {
    if (MatchOf(key, *parsed) == Match::kNamed && HasSigned(key, *parsed)) return true;
  }
  int tried = 0;
  for (const Jwk& key : *keys) {
    if (MatchOf(key, *parsed) != Match::kPerhaps) continue;
    if (HasSigned(key, *parsed)) return true;
    if (++tried == kMostTried) break;
  }
  return false;
}

}  // namespace jose
