// The oldest live grant, and the oldest session, of a user who has more than the limit ends.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/apply/apply.h"
#include "store/apply/revoked_grants.h"

namespace store {

namespace {

using base::Result;
using base::Status;
using records::AuditEvent;
using std::string_view;

// Along the part of an index that holds the live ones of the user: none is visited that has ended. Expired
// ones that were not swept yet count, and are the oldest.
constexpr string_view kNewestGrantBeyond =
    "SELECT id FROM grants WHERE organization_id = ?1 AND user_id = ?2 AND revoked_at IS NULL"
    " ORDER BY id DESC LIMIT 1 OFFSET ?3";
constexpr string_view kOldestGrants =
    "SELECT id FROM grants WHERE organization_id = ?1 AND user_id = ?2 AND revoked_at IS NULL"
    " AND id <= ?3 ORDER BY id LIMIT ?4";
constexpr string_view kNewestSessionBeyond =
    "SELECT id FROM sessions WHERE organization_id = ?1 AND user_id = ?2 AND ended = 0"
    " ORDER BY id DESC LIMIT 1 OFFSET ?3";
constexpr string_view kOldestSessions =
    "SELECT id FROM sessions WHERE organization_id = ?1 AND user_id = ?2 AND ended = 0"
    " AND id <= ?3 ORDER BY id LIMIT ?4";
constexpr string_view kEndSession =
    "UPDATE sessions SET ended = 1 WHERE id = ?1 AND organization_id = ?2 AND ended = 0";

// There is one, unless the limit was lowered: then so many go with each that is made.
constexpr std::int64_t kMostAtOnce = 100;

struct Kind {
  string_view newest_beyond;
  string_view oldest;
};
constexpr Kind kGrants{.newest_beyond = kNewestGrantBeyond, .oldest = kOldestGrants};
constexpr Kind kSessions{.newest_beyond = kNewestSessionBeyond, .oldest = kOldestSessions};

template <class IdType>
Result<std::optional<IdType>> NewestBeyond(ApplyContext& context, string_view sql,
                                           const records::OrganizationId& organization_id,
                                           const records::UserId& user_id, std::int64_t limit) {
  using Found = Result<std::optional<IdType>>;
  Query query(context.statements, sql, organization_id, user_id, limit);
  const Result<bool> row = query.Step();
  if (!row.ok()) return row.error();
  return *row ? Found(query.Read<IdType>()) : Found(std::nullopt);
}

// Those beyond the limit, the oldest first.
template <class IdType>
Result<std::vector<IdType>> Beyond(ApplyContext& context, const Kind& kind,
                                   const records::OrganizationId& organization_id,
                                   const records::UserId& user_id, std::int64_t limit) {
  std::vector<IdType> ids;
  const auto newest =
      NewestBeyond<IdType>(context, kind.newest_beyond, organization_id, user_id, limit);
  if (!newest.ok()) return newest.error();
  if (!newest->has_value()) return ids;
  Query query(context.statements, kind.oldest, organization_id, user_id, **newest, kMostAtOnce);
  for (;;) {
    const Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    if (!*row) return ids;
    ids.push_back(query.Read<IdType>());
  }
}

template <class IdType>
void NoteEnd(ApplyContext& context, AuditEvent event,
             const records::OrganizationId& organization_id, const records::UserId& user_id,
             const IdType& id) {
  context.notes.push_back({.event = event,
                           .organization_id = organization_id,
                           .user_id = user_id,
                           .subject_id = records::AuditSubjectId{id.bytes},
                           .detail = std::string(records::kEndedByLimit)});
}

}  // namespace

Status EndOldestGrants(ApplyContext& context, const records::RecordId& record_id,
                       const records::OrganizationId& organization_id,
                       const records::UserId& user_id, base::Time revoked_at) {
  if (context.limits.grants_per_user == 0) return Status();
  const auto oldest = Beyond<records::GrantId>(context, kGrants, organization_id, user_id,
                                               context.limits.grants_per_user);
  if (!oldest.ok()) return oldest.error();
  for (const records::GrantId& id : *oldest) {
    const Result<std::int64_t> ended =
        Change(context, kRevokeGrant, id, organization_id, revoked_at, record_id);
    if (!ended.ok()) return ended.error();
    NoteEnd(context, AuditEvent::kGrantRevoked, organization_id, user_id, id);
  }
  return Status();
}

Status EndOldestSessions(ApplyContext& context, const records::OrganizationId& organization_id,
                         const records::UserId& user_id) {
  if (context.limits.sessions_per_user == 0) return Status();
  const auto oldest = Beyond<records::SessionId>(context, kSessions, organization_id, user_id,
                                                 context.limits.sessions_per_user);
  if (!oldest.ok()) return oldest.error();
  for (const records::SessionId& id : *oldest) {
    const Result<std::int64_t> ended = Change(context, kEndSession, id, organization_id);
    if (!ended.ok()) return ended.error();
    NoteEnd(context, AuditEvent::kSignedOut, organization_id, user_id, id);
  }
  return Status();
}

}  // namespace store
