// Links that let their holder set a password, once (the `latchkey` command prints them: init, user
// invite, user reset). The token in a link is a split token (domain/split_token.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/error.h"
#include "domain/ports.h"
#include "domain/ports/password_hasher.h"
#include "domain/step.h"

namespace accounts {

// Whose password a link sets.
struct PasswordLink {
  records::PasswordLinkRow row;
  std::string organization_slug;
  std::string organization_name;
};

// At a domain of an organization its links alone are known; nullopt: all.
using LinksOf = std::optional<records::OrganizationId>;

// kBadRequest says for the person why the link is good no more: unknown, used, expired,
// organization not active. Only who holds the secret learns which.
domain::Answer<PasswordLink> FindPasswordLink(std::string_view token, const LinksOf& of,
                                              const domain::Ports& ports);

struct NewPassword {
  records::RecordId request_id;
  std::string token;
  LinksOf of;
  std::string password;
  std::string repeated;
};
// kInvalidRequest: the password will not do, the link is still good; kBadRequest: as above. Of two
// uses at once the writer lets one win. Slow by design (one Argon2id): only the login pool calls
// it.
domain::Step<domain::Answer<PasswordLink>> SetPassword(const NewPassword& request,
                                                       domain::PasswordHasher& hasher,
                                                       const domain::Ports& ports);

}  // namespace accounts
