// What a grant gives whenever something is issued for it: at its redemption, and again at each refresh. Its
// terms were approved once, and the operator may have taken something from the client or its service since.
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "domain/error.h"
#include "records/rows.h"

namespace oauth {

enum class GrantType : std::uint8_t { kDeviceCode, kRefreshToken };

struct GrantTerms {
  std::string_view scope;
  std::string_view resource;
};
struct Granted {
  std::string scope;
  std::string resource;
};

// The approved terms, narrowed to what the request asks for (all of it where it says nothing) and to what
// the client and its service may have now. kUnauthorizedClient: the client has no such grant (any more);
// kInvalidScope: more than was granted, or nothing of it is left; kInvalidTarget: not the approved
// resource, or not one of the service's (any more). Who the client is, and whether it, its organization and
// its service are there, AuthenticateClient has said before.
domain::Answer<Granted> CheckGrant(GrantType type, const GrantTerms& approved,
                                   const GrantTerms& requested, const records::ClientRow& client,
                                   const records::ServiceRow& service);

}  // namespace oauth
