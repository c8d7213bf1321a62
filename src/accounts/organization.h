// The organization a person signs in to, by the slug in the address.
#pragma once

#include <string_view>

#include "oauth/error.h"
#include "oauth/ports.h"

namespace accounts {

// kNotFound, in the same words, for an unknown organization and for one that is not active.
oauth::Answer<records::OrganizationRow> FindActiveOrganization(std::string_view slug,
                                                               const oauth::Ports& ports);
oauth::Answer<records::OrganizationRow> FindActiveOrganization(records::OrganizationId id,
                                                               const oauth::Ports& ports);

}  // namespace accounts
