// Whose an API is: the `aud` of a token (RFC 8707, RFC 9068 section 3) says for which API it is, and who knows no more
// than that takes the users of every organization whose service names it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ctl/admin/admin.h"
#include "records/ids.h"

namespace ctl {

enum class ResourceUse : std::uint8_t {
  kOwn,     // of this organization alone
  kShared,  // the operator says that the API looks at `org`
};

// kInvalid: no URIs, or too many. kDenied: this server itself, a domain of another organization, or (unless it is
// shared) what a service of another one has.
base::Status CheckResources(Admin& admin, records::OrganizationId org,
                            const std::vector<std::string>& resources, ResourceUse use);

}  // namespace ctl
