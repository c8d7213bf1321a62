// JSON bodies, one function a shape; only JSON is made here, no headers. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/ports/token_signer.h"
#include "oauth/bearer.h"
#include "oauth/device/activation.h"
#include "oauth/device/device_flow.h"

namespace http {

std::string ToJson(const oauth::DeviceAuthorization& answer);
std::string ToJson(const oauth::TokenResponse& answer);
std::string ToJson(const oauth::UserAnswer& answer);
std::string ToJson(const oauth::SubscriptionAnswer& answer);

// JWT payloads. The access token's first member is jti (oauth/bearer.h reads it by place).
std::string ToJson(const domain::AccessTokenClaims& claims);
std::string ToJson(const domain::IdTokenClaims& claims);
// {"alg":"ES256","typ":"at+jwt","kid":"…"}
std::string JwtHeader(std::string_view alg, std::string_view typ, std::string_view kid);

// One public key (RFC 7517). Members that are empty are left out.
struct Jwk {
  std::string kty, alg, kid, crv, x, y, n, e;
};
std::string JwksJson(const std::vector<Jwk>& keys);

// {"org_slug":…,"service_slug":…,"available_providers":[…],"scope":…,"resource":…,"access_lifetime":…}
// The last three are what a page of approval must say beside them (RFC 8628 §5.4), the lifetime in
// seconds; without scope and resource the answer is the origin's.
std::string DeviceVerifyJson(const oauth::LiveUserCode& code,
                             const std::vector<std::string>& available_providers);

// The metadata document of an issuer (RFC 8414 §2; OpenID Connect Discovery 1.0 §3).
std::string MetadataJson(std::string_view issuer);

// Members in order, all texts; empty values are left out.
std::string ObjectJson(const std::vector<std::pair<std::string_view, std::string_view>>& members);

}  // namespace http
