// Who issues a service's tokens, as `latchkey service create --issuer` names it. Lives on main's
// thread.
#pragma once

#include <string>

#include "base/status.h"
#include "ctl/admin/admin.h"

namespace ctl {

// The issuer's reference as a service's row keeps it: empty for public_url ("platform"), the path of
// the organization's own ("organization"), or a domain of it. Makes the organization's signing keys
// where the issuer needs them and they are missing. kInvalid, kNotFound: no such issuer.
base::Result<std::string> ChooseIssuer(const std::string& word, Admin& admin,
                                       const records::OrganizationRow& org);

}  // namespace ctl
