// The user codes that are taken (table live_user_codes): freed once a code is decided, or has
// expired undecided.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "records/ids.h"
#include "store/statement.h"

namespace store {

inline constexpr std::string_view kDeleteLiveCode =
    "DELETE FROM live_user_codes"
    " WHERE user_code = ?1 AND organization_id = ?2 AND device_code_id = ?3";

// Frees the code where it is still this device code's. How many rows went: 0 or 1.
inline base::Result<std::int64_t> FreeUserCode(StatementCache& statements,
                                               std::string_view user_code,
                                               const records::OrganizationId& organization_id,
                                               const records::DeviceCodeId& device_code_id) {
  return Query(statements, kDeleteLiveCode, user_code, organization_id, device_code_id).Run();
}

}  // namespace store
