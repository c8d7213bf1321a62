// How grants are revoked, whoever ends them and whichever of them: ?3 is when, ?4 by which record.
#pragma once

#include <string_view>

#include "store/joined_text.h"

namespace store {

// The rest names the tenant and which of its grants.
inline constexpr std::string_view kRevokeLiveGrants =
    "UPDATE grants SET revoked_at = ?3, revoked_by_record = ?4, expires_at = min(expires_at, ?3)"
    " WHERE revoked_at IS NULL";

inline constexpr std::string_view kGrantById = " AND id = ?1 AND organization_id = ?2";
inline constexpr std::string_view kRevokeGrant = kJoined<kRevokeLiveGrants, kGrantById>;

}  // namespace store
