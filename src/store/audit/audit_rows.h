// How rows of the audit log are read: the SELECT and the function that reads its columns in that
// order. Pure functions of the query; thread-compatible.
#pragma once

#include <string_view>

#include "records/audit/audit.h"
#include "records/audit/audit_seal.h"
#include "store/statement.h"

namespace store {

inline constexpr std::string_view kSelectAuditRow =
    "SELECT a.sequence, a.organization_id, a.at, a.event, a.record_id, a.actor, a.actor_id,"
    " a.actor_name, a.user_id, a.subject_id, a.address, a.detail FROM audit_events a";
records::AuditRow ReadAuditRow(Query& query);

inline constexpr std::string_view kSelectAuditSeal =
    "SELECT x.organization_id, x.first_sequence, x.last_sequence, x.row_count, x.hash, x.sealed_at"
    " FROM audit_seals x";
records::AuditSeal ReadAuditSeal(Query& query);

inline constexpr std::string_view kSelectAuditState =
    "SELECT sealed_through, pruned_through FROM audit_state WHERE id = 1";
records::AuditState ReadAuditState(Query& query);

}  // namespace store
