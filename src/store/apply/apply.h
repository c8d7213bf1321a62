// One Apply function for each record: forgetting one does not compile, for the batch applier visits
// them all. They run inside the batch's transaction. Not thread-safe.
//
// The contract of each:
//   a WriteResult   decided. A code other than kOk is a refusal, and a refusal changed nothing,
//                   unless records/writes.h says what it changes.
//   a Status        the record failed (kExists, kInvalid: a constraint) or the batch did (all
//                   else). Where the record had changed something, the batch is rolled back and
//                   applied again without it.
// So statements that may refuse come first. The audit log is none of their business:
// store/audit/append_audit.h.
#pragma once

#include <span>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "records/audit/audit.h"
#include "records/writes.h"
#include "store/apply/live_code_counts.h"
#include "store/apply/row_limits.h"
#include "store/statement.h"

namespace store {

using Outcome = base::Result<records::WriteResult>;

struct ApplyContext {
  StatementCache& statements;
  base::Time now;  // when the batch began; what a record says about time comes first
  LiveCodeCounts& live_codes;
  const RowLimits& limits;
  // What the record did beside what it says of itself: events of the audit log.
  std::vector<records::AuditNote> notes{};
};

template <class Tag>
records::WriteResult Done(const base::Id<Tag>& id) {
  return {.code = base::Code::kOk, .id = id.bytes};
}
inline records::WriteResult Done() { return {.code = base::Code::kOk}; }
inline records::WriteResult Refused(base::Code code) { return {.code = code}; }

// apply_device_codes.cc. Creation goes through ApplyDeviceCodes, many at once: the user codes are
// random keys, which cost far less in key order. results[i] is set for records[i].
base::Status ApplyDeviceCodes(std::span<const records::CreateDeviceCode* const> records,
                              std::span<records::WriteResult* const> results,
                              ApplyContext& context);
Outcome Apply(const records::CreateDeviceCode& record, ApplyContext& context);
Outcome Apply(const records::DecideDeviceCode& record, ApplyContext& context);
Outcome Apply(const records::RedeemDeviceCode& record, ApplyContext& context);
// apply_grants.cc
Outcome Apply(const records::RotateRefreshToken& record, ApplyContext& context);
Outcome Apply(const records::RevokeGrant& record, ApplyContext& context);
Outcome Apply(const records::RevokeUserGrants& record, ApplyContext& context);
// apply_sessions.cc
Outcome Apply(const records::CreateSession& record, ApplyContext& context);
Outcome Apply(const records::EndSession& record, ApplyContext& context);
Outcome Apply(const records::CreatePasswordLink& record, ApplyContext& context);
Outcome Apply(const records::RedeemPasswordLink& record, ApplyContext& context);
Outcome Apply(const records::RecordFailedSignIn& record, ApplyContext& context);
Outcome Apply(const records::ReplacePasswordHash& record, ApplyContext& context);
Outcome Apply(const records::RecordChildDeath& record, ApplyContext& context);
// apply_organizations.cc
Outcome Apply(const records::CreateOrganization& record, ApplyContext& context);
Outcome Apply(const records::UpdateOrganization& record, ApplyContext& context);
Outcome Apply(const records::DeleteOrganization& record, ApplyContext& context);
// apply_domains.cc
Outcome Apply(const records::CreateDomain& record, ApplyContext& context);
Outcome Apply(const records::DeleteDomain& record, ApplyContext& context);
// apply_services.cc
Outcome Apply(const records::CreateService& record, ApplyContext& context);
Outcome Apply(const records::UpdateService& record, ApplyContext& context);
Outcome Apply(const records::DeleteService& record, ApplyContext& context);
// apply_plans.cc
Outcome Apply(const records::CreatePlan& record, ApplyContext& context);
Outcome Apply(const records::UpdatePlan& record, ApplyContext& context);
Outcome Apply(const records::DeletePlan& record, ApplyContext& context);
Outcome Apply(const records::CreateSubscription& record, ApplyContext& context);
Outcome Apply(const records::UpdateSubscription& record, ApplyContext& context);
Outcome Apply(const records::DeleteSubscription& record, ApplyContext& context);
// apply_users.cc
Outcome Apply(const records::CreateUser& record, ApplyContext& context);
Outcome Apply(const records::UpdateUser& record, ApplyContext& context);
Outcome Apply(const records::DeleteUser& record, ApplyContext& context);
Outcome Apply(const records::ImportUser& record, ApplyContext& context);
Outcome Apply(const records::CreateMembership& record, ApplyContext& context);
// apply_keys.cc
Outcome Apply(const records::CreateSigningKey& record, ApplyContext& context);
Outcome Apply(const records::PromoteSigningKey& record, ApplyContext& context);
Outcome Apply(const records::DeleteSigningKey& record, ApplyContext& context);
Outcome Apply(const records::Probe& record, ApplyContext& context);

// ---- what several of them need ----

// A statement without rows: how many rows it changed.
template <class... Values>
base::Result<std::int64_t> Change(ApplyContext& context, std::string_view sql,
                                  const Values&... values) {
  return Query(context.statements, sql, values...).Run();
}

// Whether a SELECT finds a row.
template <class... Values>
base::Result<bool> Finds(ApplyContext& context, std::string_view sql, const Values&... values) {
  return Query(context.statements, sql, values...).Step();
}

// What a create finds under its unique key. `sql` selects id and created_by_record. A result: kOk
// where this very record made the row (its reply was lost), else kExists; none: the key is free.
template <class... Values>
base::Result<std::optional<records::WriteResult>> FindCreated(ApplyContext& context,
                                                              const records::RecordId& record_id,
                                                              std::string_view sql,
                                                              const Values&... key) {
  using Found = base::Result<std::optional<records::WriteResult>>;
  Query query(context.statements, sql, key...);
  const base::Result<bool> row = query.Step();
  if (!row.ok()) return row.error();
  if (!*row) return Found(std::nullopt);
  const auto id = query.Read<records::RecordId>();
  const bool is_this_record = query.Read<records::RecordId>() == record_id;
  return Found(is_this_record ? Done(id) : Refused(base::Code::kExists));
}

// True where the user is active and no grant of the user was ended since `session_epoch`.
base::Result<bool> HasSessionEpoch(ApplyContext& context,
                                   const records::OrganizationId& organization_id,
                                   const records::UserId& user_id, std::int64_t session_epoch);
// Ends all live grants of a user, and the sessions, and raises the user's session_epoch, so that
// nothing begun before comes to life later.
base::Status EndUserGrants(ApplyContext& context, const records::RecordId& record_id,
                           const records::OrganizationId& organization_id,
                           const records::UserId& user_id, base::Time revoked_at);

// apply_row_limits.cc. Ends the oldest that are alive beyond the limit, with a note for each.
base::Status EndOldestGrants(ApplyContext& context, const records::RecordId& record_id,
                             const records::OrganizationId& organization_id,
                             const records::UserId& user_id, base::Time revoked_at);
base::Status EndOldestSessions(ApplyContext& context,
                               const records::OrganizationId& organization_id,
                               const records::UserId& user_id);

// Inserts an access token; one that is there already is this record's own, sent again.
base::Status InsertAccessToken(ApplyContext& context,
                               const records::OrganizationId& organization_id,
                               const records::GrantId& grant_id,
                               const records::NewAccessToken& token);
base::Status InsertRefreshToken(ApplyContext& context,
                                const records::OrganizationId& organization_id,
                                const records::GrantId& grant_id,
                                const records::NewRefreshToken& token, std::int64_t sequence,
                                base::Time created_at);

}  // namespace store
