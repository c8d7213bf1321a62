#include "oauth/grant.h"

#include <utility>

#include "oauth/resource.h"
#include "oauth/scope.h"

namespace oauth {

namespace {

bool HasGrant(const records::ClientRow& client, GrantType type) {
  switch (type) {
    case GrantType::kDeviceCode:
      return true;
    case GrantType::kRefreshToken:
      return client.refresh_token_allowed;
  }
  return false;
}

}  // namespace

domain::Answer<Granted> CheckGrant(GrantType type, const GrantTerms& approved,
                                   const GrantTerms& requested, const records::ClientRow& client,
                                   const records::ServiceRow& service) {
  if (!HasGrant(client, type)) {
    return domain::Error{.code = domain::ErrorCode::kUnauthorizedClient,
                         .description = "This client may not use this grant any more."};
  }
  const auto still_granted = GrantScope(approved.scope, client.allowed_scope);
  if (!still_granted.ok()) return still_granted.error();
  auto scope = NarrowScope(requested.scope, *still_granted);
  if (!scope.ok()) return scope.error();
  auto resource = NarrowResource(requested.resource, approved.resource, service);
  if (!resource.ok()) return resource.error();
  return Granted{.scope = std::move(*scope), .resource = std::move(*resource)};
}

}  // namespace oauth
