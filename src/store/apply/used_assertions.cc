#include "store/apply/used_assertions.h"

#include <string_view>

namespace store {

namespace {

using base::Result;
using base::Status;
using std::string_view;

constexpr string_view kFindOther =
    "SELECT 1 FROM used_assertions"
    " WHERE client_row_id = ?1 AND jti_hash = ?2 AND organization_id = ?3 AND record_id <> ?4";
constexpr string_view kInsert =
    "INSERT OR IGNORE INTO used_assertions (client_row_id, jti_hash, organization_id, record_id,"
    " expires_at) VALUES (?1, ?2, ?3, ?4, ?5)";

}  // namespace

Result<bool> IsUsedByAnother(ApplyContext& context,
                             const std::optional<records::UsedAssertion>& assertion,
                             const records::OrganizationId& organization_id,
                             const records::RecordId& record_id) {
  if (!assertion) return false;
  return Finds(context, kFindOther, assertion->client_row_id, assertion->jti_hash, organization_id,
               record_id);
}

Status KeepUsed(ApplyContext& context, const std::optional<records::UsedAssertion>& assertion,
                const records::OrganizationId& organization_id,
                const records::RecordId& record_id) {
  if (!assertion) return Status();
  return Change(context, kInsert, assertion->client_row_id, assertion->jti_hash, organization_id,
                record_id, assertion->expires_at)
      .status();
}

}  // namespace store
