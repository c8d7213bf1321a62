// Verifies JWTs that clients sign: Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "domain/ports/assertion_verifier.h"

namespace jose {

class AssertionVerifier final : public domain::AssertionVerifier {
 public:
  base::Result<domain::AssertionClaims> Read(std::string_view jwt) const override;
  bool Verify(std::string_view jwt, std::string_view jwks) const override;
};

}  // namespace jose
