// Signing of tokens, and what stands in them.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "records/ids.h"

namespace domain {

// The claims of a JWT access token (RFC 9068 §2.2) and of an ID token (OpenID Connect Core §2).
struct AccessTokenClaims {
  records::AccessTokenId jti;
  std::string iss;
  std::vector<std::string> aud;
  std::string sub;
  std::string client_id;
  std::string scope;
  std::string email;
  std::string org;
  std::string service;
  std::string plan;
  std::vector<std::string> features;
  bool is_platform_owner = false;
  std::string amr;
  base::Time auth_time;
  base::Time iat;
  base::Time exp;
};
struct IdTokenClaims {
  std::string iss;
  std::string aud;  // client_id
  std::string sub;
  std::string email;
  bool email_verified = true;
  std::string org;
  std::string sid;
  std::string amr;
  base::Time auth_time;
  base::Time iat;
  base::Time exp;
};

// A jti as it stands in the token.
inline std::string JtiText(records::AccessTokenId id) { return base::Base64UrlEncode(id.bytes); }

// Signs with the current key of an organization's issuers, kPlatformOrganizationId: of public_url (ES256 access tokens,
// RS256 ID tokens). kUnavailable: no usable key.
class TokenSigner {
 public:
  virtual ~TokenSigner() = default;
  virtual base::Result<std::string> Sign(records::OrganizationId key_owner,
                                         const AccessTokenClaims& claims) = 0;
  virtual base::Result<std::string> Sign(records::OrganizationId key_owner,
                                         const IdTokenClaims& claims) = 0;
};

}  // namespace domain
