#include "jose/keys.h"

#include <string>

#include "crypto/crypto.h"
#include "records/audit/audit.h"

namespace jose {

using records::SigningAlgorithm;
using records::SigningKeyRow;
using records::SigningKeyState;

base::Result<const SigningKeyRow*> CurrentKey(const std::vector<SigningKeyRow>& keys,
                                              SigningAlgorithm algorithm) {
  for (const SigningKeyRow& key : keys) {
    if (key.algorithm == algorithm && key.state == SigningKeyState::kCurrent) return &key;
  }
  return base::Status(
      base::Code::kUnavailable,
      "no current signing key: run `latchkey keys create` (with --org ORG for an organization)");
}

bool IsPublished(const SigningKeyRow& key, base::Time now) {
  return !key.retire_at || *key.retire_at > now;
}

base::Result<Jwk> JwkOf(const SigningKeyRow& key) {
  const auto parameters = crypto::ParsePublicKey(key.algorithm, key.public_key);
  if (!parameters.ok()) return parameters.error();
  const bool is_ec = key.algorithm == SigningAlgorithm::kEs256;
  return Jwk{.kty = is_ec ? "EC" : "RSA",
             .alg = std::string(records::ToText(key.algorithm)),
             .kid = key.kid,
             .crv = is_ec ? "P-256" : "",
             .x = parameters->x,
             .y = parameters->y,
             .n = parameters->n,
             .e = parameters->e};
}

}  // namespace jose
