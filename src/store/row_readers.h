// How each row struct is read: its SELECT and the function that reads the columns in that order, in
// one place for the workers' reader and the command's. Users append their WHERE with kJoined. Pure
// functions of the query; thread-compatible.
#pragma once

#include <string_view>

#include "records/rows.h"
#include "store/entity.h"
#include "store/joined_text.h"
#include "store/statement.h"

namespace store {

// For FindOne and FindAll.
template <class Row>
Row ReadRow(Query& query) {
  return query.Read<Row>();
}

inline constexpr std::string_view kSelectOrganization = kSelectOf<records::OrganizationRow>;
inline constexpr std::string_view kSelectDomain = kSelectOf<records::DomainRow>;
inline constexpr std::string_view kSelect = "SELECT ";
inline constexpr std::string_view kComma = ", ";

inline constexpr std::string_view kServiceColumns = kColumns<records::ServiceRow>;
inline constexpr std::string_view kFromServices = " FROM services s";

inline constexpr std::string_view kClientColumns = kColumns<records::ClientRow>;
inline constexpr std::string_view kFromClients = " FROM clients c";

inline constexpr std::string_view kSelectPlan = kSelectOf<records::PlanRow>;
inline constexpr std::string_view kSelectSigningKey = kSelectOf<records::SigningKeyRow>;
inline constexpr std::string_view kSelectUser = kSelectOf<records::UserRow>;
inline constexpr std::string_view kSelectSubscription = kSelectOf<records::SubscriptionRow>;

// The user of a decided code may be gone, or the user's grants were ended since: such a code is as
// good as a disabled user's (status 1).
inline constexpr std::string_view kSelectDeviceCode =
    "SELECT d.id, d.organization_id, d.client_row_id, d.service_id, d.secret_hash, d.user_code,"
    " d.scope, d.issuer, d.address, d.device_name, d.state, d.created_at, d.expires_at,"
    " d.resource, d.user_id, d.amr, d.auth_time, CASE WHEN d.user_id IS NULL THEN 0"
    " WHEN d.session_epoch = u.session_epoch THEN u.status ELSE 1 END,"
    " u.email, d.redeemed_at, d.grant_id"
    " FROM device_codes d"
    " LEFT JOIN users u ON u.id = d.user_id AND u.organization_id = d.organization_id";
records::DeviceCodeRow ReadDeviceCode(Query& query);

inline constexpr std::string_view kSelectSession =
    "SELECT i.id, i.organization_id, i.user_id, i.secret_hash, i.amr, i.auth_time, i.expires_at,"
    " u.status, u.session_epoch, u.email FROM sessions i"
    " JOIN users u ON u.id = i.user_id AND u.organization_id = i.organization_id";

inline constexpr std::string_view kSelectPasswordLink =
    "SELECT l.id, l.organization_id, l.user_id, l.secret_hash, l.expires_at,"
    " l.used_by_record, u.email FROM password_links l"
    " JOIN users u ON u.id = l.user_id AND u.organization_id = l.organization_id";
// An unused link dies with all that was begun under its epoch, and opens nothing of a disabled user
// (status 1).
inline constexpr std::string_view kLinkStands =
    " AND l.ended = 0 AND (l.used_by_record IS NOT NULL"
    " OR (l.session_epoch = u.session_epoch AND u.status = 0))";

inline constexpr std::string_view kSelectRefreshToken =
    "SELECT r.id, r.organization_id, r.grant_id, r.secret_hash, r.sequence, r.expires_at,"
    " r.rotated_at, e.client_row_id, e.service_id, e.user_id, u.status, u.email, e.scope, e.issuer,"
    " e.amr, e.auth_time, e.expires_at, e.revoked_at IS NOT NULL, e.resource"
    " FROM refresh_tokens r"
    " JOIN grants e ON e.id = r.grant_id AND e.organization_id = r.organization_id"
    " JOIN users u ON u.id = e.user_id AND u.organization_id = e.organization_id";

// The hot reads. CROSS JOIN fixes the order: three lookups by primary key, the subscription a
// fourth. What the caller or another column says already is not selected: each column costs.
inline constexpr std::string_view kAccessTokenColumns =
    "SELECT t.organization_id, t.token_hash, t.scope, t.expires_at, t.resource, t.grant_id,"
    " e.revoked_at IS NOT NULL, e.client_row_id, e.service_id, e.user_id, u.status, u.email";
inline constexpr std::string_view kFromAccessTokens =
    " FROM access_tokens t"
    " CROSS JOIN grants e ON e.id = t.grant_id AND e.organization_id = t.organization_id"
    " CROSS JOIN users u ON u.id = e.user_id AND u.organization_id = t.organization_id";
records::AccessTokenRow ReadAccessToken(Query& query, records::AccessTokenId id);

inline constexpr std::string_view kTokenSubscriptionColumns =
    ", b.id, b.plan_id, b.status, b.current_period_end";
inline constexpr std::string_view kJoinSubscription =
    " LEFT JOIN subscriptions b ON b.user_id = e.user_id AND b.service_id = e.service_id"
    " AND b.organization_id = t.organization_id";
records::AccessTokenWithSubscription ReadAccessTokenWithSubscription(Query& query,
                                                                     records::AccessTokenId id);

// Which row, of two readers or more.
inline constexpr std::string_view kByOrganization = " WHERE o.id = ?1";
inline constexpr std::string_view kBySlug =
    " JOIN organization_slugs g ON g.organization_id = o.id WHERE g.slug = ?1";
inline constexpr std::string_view kByHost = " WHERE n.host = ?1";
inline constexpr std::string_view kByService = " WHERE s.id = ?1 AND s.organization_id = ?2";
inline constexpr std::string_view kByPlan = " WHERE p.id = ?1 AND p.organization_id = ?2";
inline constexpr std::string_view kByUser = " WHERE u.id = ?1 AND u.organization_id = ?2";
inline constexpr std::string_view kByEmail = " WHERE u.email = ?1 AND u.organization_id = ?2";
inline constexpr std::string_view kBySubscriber =
    " WHERE b.user_id = ?1 AND b.service_id = ?2 AND b.organization_id = ?3";

}  // namespace store
