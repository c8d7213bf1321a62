// Refreshing an access token (RFC 6749 §6, RFC 9700 §4.14) and ending a grant.
#pragma once

#include <string>
#include <string_view>

#include "domain/error.h"
#include "domain/ports.h"
#include "domain/step.h"
#include "oauth/clients/client_authentication.h"
#include "oauth/tokens.h"

namespace oauth {

struct RefreshRequest {
  records::RecordId request_id;
  std::string refresh_token;
  std::string scope;     // empty: all that was granted
  std::string resource;  // RFC 8707 §2.2
  std::string issuer;    // where the request came in, for whoever names no client
};

// The token endpoint: the client authenticates, and the token must be its own.
// Rotation: each refresh answers with a successor; sending the parent again within the grace
// (refresh_replay_grace_s) gives the same successor and a fresh access token; later it ends the
// grant.
domain::Step<domain::Answer<TokenResponse>> Refresh(const RefreshRequest& request,
                                                    const ClientCredentials& credentials,
                                                    const domain::Ports& ports);

// The origin's POST /api/auth/refresh names no client: only a public client's token is taken.
domain::Step<domain::Answer<TokenResponse>> RefreshWithoutClient(const RefreshRequest& request,
                                                                 const domain::Ports& ports);

}  // namespace oauth
