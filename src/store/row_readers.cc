#include "store/row_readers.h"

#include <cstdint>
#include <optional>
#include <string>

// Braced initialisers read their members from left to right: the order of the columns.

namespace store {

namespace {

using base::Time;
using std::optional;
using std::string;

// A column that is NULL before the state in which it is set.
template <class T>
T ReadOr(Query& query) {
  return query.Read<optional<T>>().value_or(T{});
}

}  // namespace

records::DeviceCodeRow ReadDeviceCode(Query& query) {
  return {.id = query.Read<records::DeviceCodeId>(),
          .organization_id = query.Read<records::OrganizationId>(),
          .client_row_id = query.Read<records::ClientRowId>(),
          .service_id = query.Read<records::ServiceId>(),
          .secret_hash = query.Read<records::Sha256>(),
          .user_code = query.Read<string>(),
          .scope = query.Read<string>(),
          .issuer = query.Read<string>(),
          .address = query.Read<string>(),
          .device_name = query.Read<string>(),
          .state = query.Read<records::DeviceCodeState>(),
          .created_at = query.Read<Time>(),
          .expires_at = query.Read<Time>(),
          .resource = query.Read<string>(),
          .user_id = ReadOr<records::UserId>(query),
          .amr = query.Read<string>(),
          .auth_time = query.Read<Time>(),
          .user_status = query.Read<records::UserStatus>(),
          .user_email = query.Read<string>(),
          .redeemed_at = query.Read<Time>(),
          .grant_id = ReadOr<records::GrantId>(query)};
}

records::AccessTokenRow ReadAccessToken(Query& query, records::AccessTokenId id) {
  return {.id = id,
          .organization_id = query.Read<records::OrganizationId>(),
          .token_hash = query.Read<records::Sha256>(),
          .scope = query.Read<string>(),
          .expires_at = query.Read<Time>(),
          .resource = query.Read<string>(),
          .grant_id = query.Read<records::GrantId>(),
          .grant_revoked = query.Read<bool>(),
          .client_row_id = query.Read<records::ClientRowId>(),
          .service_id = query.Read<records::ServiceId>(),
          .user_id = query.Read<records::UserId>(),
          .user_status = query.Read<records::UserStatus>(),
          .user_email = query.Read<string>()};
}

records::AccessTokenWithSubscription ReadAccessTokenWithSubscription(Query& query,
                                                                     records::AccessTokenId id) {
  records::AccessTokenWithSubscription found{.token = ReadAccessToken(query, id),
                                             .subscription = std::nullopt};
  if (query.NextIsNull()) return found;
  found.subscription = records::SubscriptionRow{.id = query.Read<records::SubscriptionId>(),
                                                .organization_id = found.token.organization_id,
                                                .user_id = found.token.user_id,
                                                .service_id = found.token.service_id,
                                                .plan_id = query.Read<records::PlanId>(),
                                                .status = query.Read<records::SubscriptionStatus>(),
                                                .current_period_end = query.Read<optional<Time>>(),
                                                .created_at = {}};
  return found;
}

}  // namespace store
