// Verifies JWTs that clients sign: JSON is read by http/, signatures by crypto/. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "http/json.h"
#include "oauth/ports.h"

namespace worker {

class AssertionVerifier final : public oauth::AssertionVerifier {
 public:
  base::Result<oauth::AssertionClaims> Read(std::string_view jwt) const override;
  bool Verify(std::string_view jwt, std::string_view jwks) const override;
};

}  // namespace worker
