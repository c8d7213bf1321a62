// Who calls the token and device authorization endpoints (RFC 6749 §2.3, RFC 8628 §3.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "domain/error.h"
#include "domain/ports.h"
#include "records/grant_writes.h"

namespace oauth {

// What the request carried, as the transport found it.
struct ClientCredentials {
  enum class Method : std::uint8_t { kNone, kBasic, kPost, kPrivateKeyJwt };
  Method method = Method::kNone;
  std::string client_id;  // may be absent with an assertion
  std::string client_secret;
  std::string client_assertion;
  std::string issuer;            // where the request came in (domain/issuer.h)
  records::RecordId request_id;  // the same request, sent again by nginx, may use its jti again
};

// The client together with what it belongs to, all enabled. Pointers live as long as the
// directory's.
struct Client {
  const records::ClientRow* row = nullptr;
  const records::OrganizationRow* organization = nullptr;
  const records::ServiceRow* service = nullptr;
  std::optional<records::UsedAssertion> assertion;  // to be kept with whatever is issued
};

// kInvalidClient (400) where client_id is unknown at the issuer and nobody tried to authenticate,
// kClientAuthenticationFailed (401) where a secret is wrong, missing or not expected;
// kUnauthorizedClient where the client is disabled or its organization is not active.
// A public client may send Basic with an empty password (oidc-agent does).
// private_key_jwt (RFC 7523 §2.2, §3): iss = sub = client_id, aud is our issuer alone, exp within an
// hour, a jti that is taken once; kTemporarilyUnavailable where the table of used ones is full.
domain::Answer<Client> AuthenticateClient(const ClientCredentials& credentials,
                                          const domain::Ports& ports);

}  // namespace oauth
