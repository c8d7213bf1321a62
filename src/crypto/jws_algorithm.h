// What tells ES256 from RS256 in OpenSSL's terms. Internal to this module. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/openssl.h"
#include "records/enums.h"

namespace crypto {

inline constexpr int kRsaBits = 2048;  // of keys we make; the least we take (RFC 7518 §3.3)
inline constexpr int kP256Bytes = 32;  // of a coordinate, and of R and of S (RFC 7518 §3.4)

// Of keys we take: strangers choose how often they are tried.
inline constexpr int kMostRsaBits = 4096;

// true for a P-256 key (ES256) or an RSA key of kRsaBits to kMostRsaBits whose modulus and exponent are odd, the
// exponent at least 3 and of at most 32 bits (RS256).
bool Fits(records::SigningAlgorithm algorithm, const EVP_PKEY* key);

// An ECDSA signature is SEQUENCE {r, s} to OpenSSL and R || S of fixed size in a JWS.
std::optional<std::string> DerToJws(base::ByteView der);
std::optional<std::string> JwsToDer(std::string_view jws);

}  // namespace crypto
