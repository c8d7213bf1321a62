// The organization a person signs in to, by the slug in the address.
#pragma once

#include <string>
#include <string_view>

#include "domain/error.h"
#include "domain/ports.h"

namespace accounts {

// A slug as people type it: blanks around it dropped, in lower case.
std::string NormalizeSlug(std::string_view typed);

// kNotFound, in the same words for every organization that a person may not sign in to here.
domain::Error UnknownOrganization();

// By NormalizeSlug(typed) or by id. UnknownOrganization also for one that is not active.
domain::Answer<records::OrganizationRow> FindActiveOrganization(std::string_view typed,
                                                                const domain::Ports& ports);
domain::Answer<records::OrganizationRow> FindActiveOrganization(records::OrganizationId id,
                                                                const domain::Ports& ports);

}  // namespace accounts
