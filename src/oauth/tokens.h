// Making the tokens that a grant or a refresh issues (RFC 6749 §5.1, RFC 9068, OpenID Connect Core
// §2).
#pragma once

#include <optional>
#include <string>

#include "domain/error.h"
#include "domain/ports.h"
#include "domain/split_token.h"
#include "oauth/clients/client_authentication.h"
#include "records/grant_writes.h"

namespace oauth {

// The longest that a service or the setting access_token_s may say; ID tokens live as long.
inline constexpr base::seconds kMaxAccessTokenLifetime{7 * 86400};

// The longest that what a grant of the client issues goes on without another sign-in.
base::seconds GrantLifetime(const records::ClientRow& client, const records::ServiceRow& service,
                            const base::Settings& settings);

// The answer of the token endpoint. Empty members are left out.
struct TokenResponse {
  std::string access_token;
  base::seconds expires_in{0};
  std::string refresh_token;
  std::string id_token;
  std::string scope;
};

// For whom and under which grant tokens are made.
struct Subject {
  records::UserId user_id;
  std::string email;
  records::GrantId grant_id;
  std::string issuer;
  std::string scope;
  std::string resource;  // of the access token, empty: our own API and the service
  std::string amr;
  base::Time auth_time;
  base::Time grant_expires_at;
};

struct MadeAccessToken {
  records::NewAccessToken record;
  std::string text;
  base::seconds expires_in{0};
};
// Signs an access token; it never outlives the grant. Reads the subscription for its plan claims.
domain::Answer<MadeAccessToken> MakeAccessToken(const Subject& subject, const Client& client,
                                                const domain::Ports& ports);

// nullopt where the scope has no openid.
domain::Answer<std::optional<std::string>> MakeIdToken(const Subject& subject, const Client& client,
                                                       const domain::Ports& ports);

struct MadeRefreshToken {
  records::NewRefreshToken record;
  std::string text;
};
MadeRefreshToken MakeRefreshToken(const domain::Ports& ports);
// The successor's secret is an HMAC of parent id and secret, so that every rotation of one parent
// makes the same successor secret and a lost reply can be repeated (RFC 9700 §4.14.2). Its id is
// `id`.
MadeRefreshToken MakeSuccessor(const domain::SplitToken<records::RefreshTokenTag>& parent,
                               records::RefreshTokenId id, const domain::Ports& ports);

}  // namespace oauth
