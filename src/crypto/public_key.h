// Public halves of signing keys: their JWK members, thumbprint and signature check. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "records/enums.h"

namespace crypto {

// The public parameters of a key for its JWK (RFC 7517, RFC 7518 §6.2.1, §6.3.1): base64url
// members.
struct PublicParameters {
  std::string x, y;  // ES256
  std::string n, e;  // RS256
};

// `public_key_der` is a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7). kCorrupt: it is none, or of
// another algorithm (ES256 wants P-256, RS256 an RSA key of 2048 bits or more: RFC 7518 §3.3,
// §3.4; with an odd modulus, and an odd exponent from 3 on: RFC 8017 §3.1).
base::Result<PublicParameters> ParsePublicKey(records::SigningAlgorithm algorithm,
                                              std::string_view public_key_der);

// The SubjectPublicKeyInfo of such members, as somebody else's JWK has them. kCorrupt: they make no
// key that fits the algorithm.
base::Result<std::string> MakePublicKey(records::SigningAlgorithm algorithm,
                                        const PublicParameters& parameters);

// RFC 7638: base64url of the SHA-256 of the JWK's required members. It is our kid.
std::string Thumbprint(records::SigningAlgorithm algorithm, const PublicParameters& parameters);

// true if `signature` is the JWS signature of `signing_input` (RFC 7515 §5.2). false for anything
// else, a broken key included.
bool VerifySignature(records::SigningAlgorithm algorithm, std::string_view public_key_der,
                     std::string_view signing_input, std::string_view signature);

}  // namespace crypto
