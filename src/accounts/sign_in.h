// Signing in with e-mail and password, and the browser's session that comes of it. The session is a
// split token (domain/split_token.h) in a cookie of the organization; its row keeps the SHA-256 of the secret.
//
// Guesses (docs/pages.md "Guessing"): wrong passwords draw on a budget of the account and on one of
// the address (IPv6: /64). An e-mail that nobody has is treated as an account in every respect, so
// that answers and their time do not tell who is a user.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/error.h"
#include "domain/ports.h"
#include "domain/ports/password_hasher.h"
#include "domain/step.h"

namespace accounts {

struct PasswordSignIn {
  records::RecordId request_id;
  records::OrganizationId organization_id;  // active (accounts/organization.h)
  std::string email;                        // as typed
  std::string password;
  std::string address;
  std::string user_agent;
  std::string former_cookie;  // what the browser already holds for this organization; may be empty
};

struct SignedIn {
  std::string cookie;
  base::seconds lifetime{0};
};

// kAccessDenied: e-mail or password is wrong, the user is disabled, or the account's budget is
// spent (a locked account is not even compared). kTooManyRequests: the address's budget is spent,
// or the account signs in too often. A right password resets neither. A hash that another program
// made, or that costs less than ours do today, gives way to one of ours once its password was right.
// Slow by design (one Argon2id; an imported hash at most twice, and then one of ours): only the login
// pool calls it.
domain::Step<domain::Answer<SignedIn>> SignInWithPassword(const PasswordSignIn& request,
                                                          domain::PasswordHasher& hasher,
                                                          const domain::Ports& ports);

// Who is signed in to the organization by this cookie; nullopt: nobody (no cookie, not ours,
// expired, ended, user disabled, organization not active). An error only where that cannot be known
// now.
domain::Answer<std::optional<records::SessionRow>> FindSession(
    records::OrganizationId organization_id, std::string_view cookie, const domain::Ports& ports);

struct SignedOut {};
// Ends the session of the cookie; a cookie that is no session's ends nothing and is no error.
domain::Step<domain::Answer<SignedOut>> SignOut(records::OrganizationId organization_id,
                                                std::string_view cookie,
                                                records::RecordId request_id,
                                                const domain::Ports& ports);

}  // namespace accounts
