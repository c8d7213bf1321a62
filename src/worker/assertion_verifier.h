// Verifies JWTs that clients sign: JSON is read by http/, signatures by crypto/. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "domain/ports/assertion_verifier.h"
#include "http/json.h"

namespace worker {

class AssertionVerifier final : public domain::AssertionVerifier {
 public:
  base::Result<domain::AssertionClaims> Read(std::string_view jwt) const override;
  bool Verify(std::string_view jwt, std::string_view jwks) const override;
};

}  // namespace worker
