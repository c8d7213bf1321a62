// Access tokens at our own endpoints (RFC 6750): authenticated by their row, not by their
// signature. The jti is the first member of the payload, so that it can be read without parsing;
// one lookup, one SHA-256 and one constant-time compare decide. Only a token that this server
// issued has that hash.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/error.h"
#include "domain/ports.h"
#include "domain/step.h"

namespace oauth {

// The id that the payload of a JWT begins with: {"jti":"<22 characters>". nullopt: not a token of
// ours.
std::optional<records::AccessTokenId> ReadJti(std::string_view access_token);

// GET /api/user
struct UserAnswer {
  std::string id;
  std::string email;  // empty: the token's scope does not give it
  std::string org, service;
};
// `issuer`: the reference of the one that is asked (domain/issuer.h); a token of another is invalid.
domain::Answer<UserAnswer> GetUser(std::string_view access_token, std::string_view issuer,
                                   const domain::Ports& ports);

// GET /api/subscription
struct SubscriptionAnswer {
  std::string service, plan;
  std::string features;  // one a line
  records::SubscriptionStatus status = records::SubscriptionStatus::kActive;
  std::optional<base::Time> current_period_end;
};
domain::Answer<SubscriptionAnswer> GetSubscription(std::string_view access_token,
                                                   std::string_view issuer,
                                                   const domain::Ports& ports);

// POST /api/auth/logout: ends the grant of the token, all its tokens with it.
struct LoggedOut {};
domain::Step<domain::Answer<LoggedOut>> Logout(std::string_view access_token,
                                               std::string_view issuer,
                                               records::RecordId request_id,
                                               const domain::Ports& ports);

}  // namespace oauth
