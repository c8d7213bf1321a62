#include <gtest/gtest.h>

#include <string>

#include "base/bytes.h"
#include "jose/jose.h"
#include "oauth/bearer.h"

namespace {

TEST(AccessTokenJson, BeginsWithTheJtiThatBearerReads) {
  domain::AccessTokenClaims claims;
  claims.jti.bytes.fill(0xab);
  const std::string token =
      "e30." + base::Base64UrlEncode(base::AsBytes(jose::ToJson(claims))) + ".x";
  EXPECT_EQ(oauth::ReadJti(token), claims.jti);
}

}  // namespace
