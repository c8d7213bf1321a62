#include "store/audit/audit_rows.h"

#include <optional>
#include <string>

namespace store {

using records::AuditRow;
using records::AuditSeal;

// Members are read in the order they stand in: that of the columns.
AuditRow ReadAuditRow(Query& query) {
  return AuditRow{.sequence = query.Read<std::int64_t>(),
                  .organization_id = query.Read<records::OrganizationId>(),
                  .at = query.Read<base::Time>(),
                  .event = query.Read<records::AuditEvent>(),
                  .record_id = query.Read<records::RecordId>(),
                  .actor = query.Read<records::AuditActor>(),
                  .actor_id = query.Read<std::optional<records::UserId>>(),
                  .actor_name = query.Read<std::string>(),
                  .user_id = query.Read<std::optional<records::UserId>>(),
                  .subject_id = query.Read<std::optional<records::AuditSubjectId>>(),
                  .address = query.Read<std::string>(),
                  .detail = query.Read<std::string>()};
}

AuditSeal ReadAuditSeal(Query& query) {
  return AuditSeal{.organization_id = query.Read<records::OrganizationId>(),
                   .first_sequence = query.Read<std::int64_t>(),
                   .last_sequence = query.Read<std::int64_t>(),
                   .row_count = query.Read<std::int64_t>(),
                   .hash = query.Read<records::Sha256>(),
                   .sealed_at = query.Read<base::Time>()};
}

records::AuditState ReadAuditState(Query& query) {
  return {.sealed_through = query.Read<std::int64_t>(),
          .pruned_through = query.Read<std::int64_t>()};
}

}  // namespace store
