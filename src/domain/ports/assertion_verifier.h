// Tokens that clients sign.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"

namespace domain {

// What a client asserts about itself (RFC 7523 §3, OpenID Connect Core §9), not yet believed.
struct AssertionClaims {
  std::string iss;
  std::string sub;
  std::vector<std::string> aud;
  std::string jti;  // empty: none
  std::optional<base::Time> exp;
  std::optional<base::Time> nbf;
  std::optional<base::Time> iat;
};

// JSON Web Tokens that others sign.
class AssertionVerifier {
 public:
  virtual ~AssertionVerifier() = default;
  // kInvalid: not a JWT with such claims.
  virtual base::Result<AssertionClaims> Read(std::string_view jwt) const = 0;
  // true where a key of `jwks` made the signature, by the algorithm of the key.
  virtual bool Verify(std::string_view jwt, std::string_view jwks) const = 0;
};

}  // namespace domain
