// The organization a person signs in to, by the slug in the address.
#pragma once

#include <string>
#include <string_view>

#include "oauth/error.h"
#include "oauth/ports.h"

namespace accounts {

// A slug as people type it: blanks around it dropped, in lower case.
std::string NormalizeSlug(std::string_view typed);

// kNotFound, in the same words for every organization that a person may not sign in to here.
oauth::Error UnknownOrganization();

// By NormalizeSlug(typed) or by id. UnknownOrganization also for one that is not active.
oauth::Answer<records::OrganizationRow> FindActiveOrganization(std::string_view typed,
                                                               const oauth::Ports& ports);
oauth::Answer<records::OrganizationRow> FindActiveOrganization(records::OrganizationId id,
                                                               const oauth::Ports& ports);

}  // namespace accounts
