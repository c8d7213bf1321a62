// Refresh token rotation (RFC 6749 §6, RFC 9700 §4.14) and the end of grants.
#include <cstdint>
#include <optional>
#include <string_view>

#include "store/apply/apply.h"
#include "store/apply/revoked_grants.h"
#include "store/apply/used_assertions.h"

namespace store {

namespace {

using base::Code;
using base::Result;
using base::Status;
using base::Time;
using records::RecordId;
using records::RefreshTokenId;
using records::RotateRefreshToken;
using std::string_view;

constexpr string_view kInsertAccessToken =
    "INSERT OR IGNORE INTO access_tokens (id, organization_id, grant_id, token_hash, expires_at,"
    " scope, resource) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
constexpr string_view kFindSameAccessToken =
    "SELECT 1 FROM access_tokens WHERE id = ?1 AND organization_id = ?2 AND grant_id = ?3"
    " AND token_hash = ?4";
constexpr string_view kInsertRefreshToken =
    "INSERT INTO refresh_tokens (id, organization_id, grant_id, secret_hash, sequence,"
    " created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
constexpr string_view kFindParent =
    "SELECT r.sequence, r.expires_at, r.rotated_at, r.rotated_by_record, r.successor_id,"
    " n.id IS NOT NULL AND n.rotated_at IS NULL, e.expires_at, e.revoked_at IS NOT NULL,"
    " e.revoked_by_record"
    " FROM refresh_tokens r"
    " JOIN grants e ON e.id = r.grant_id AND e.organization_id = r.organization_id"
    " LEFT JOIN refresh_tokens n ON n.id = r.successor_id AND n.organization_id = r.organization_id"
    " WHERE r.id = ?1 AND r.organization_id = ?2 AND r.grant_id = ?3";
constexpr string_view kMarkRotated =
    "UPDATE refresh_tokens SET rotated_at = ?3, rotated_by_record = ?4, successor_id = ?5"
    " WHERE id = ?1 AND organization_id = ?2 AND rotated_at IS NULL";
constexpr string_view kFindGrantEnd =
    "SELECT revoked_by_record FROM grants WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kGrantsOfUser = " AND organization_id = ?1 AND user_id = ?2";
constexpr string_view kEndUserSessions =
    "UPDATE sessions SET ended = 1 WHERE organization_id = ?1 AND user_id = ?2 AND ended = 0";
constexpr string_view kRaiseSessionEpoch =
    "UPDATE users SET session_epoch = session_epoch + 1 WHERE organization_id = ?1 AND id = ?2";
constexpr string_view kHasSessionEpoch =
    "SELECT 1 FROM users"
    " WHERE organization_id = ?1 AND id = ?2 AND session_epoch = ?3 AND status = ?4";
constexpr string_view kCountRevoked =
    "SELECT count(*) FROM grants"
    " WHERE organization_id = ?1 AND user_id = ?2 AND revoked_by_record = ?3";

struct Parent {
  std::int64_t sequence = 0;
  Time expires_at;
  std::optional<Time> rotated_at;
  std::optional<RecordId> rotated_by;
  std::optional<RefreshTokenId> successor_id;
  bool has_unused_successor = false;
  Time grant_expires_at;
  bool grant_revoked = false;
  std::optional<RecordId> grant_revoked_by;
};

Result<std::optional<Parent>> FindParent(const RotateRefreshToken& record, ApplyContext& context) {
  using Found = Result<std::optional<Parent>>;
  Query query(context.statements, kFindParent, record.parent_id, record.organization_id,
              record.grant_id);
  const Result<bool> row = query.Step();
  if (!row.ok()) return row.error();
  if (!*row) return Found(std::nullopt);
  return Found(Parent{.sequence = query.Read<std::int64_t>(),
                      .expires_at = query.Read<Time>(),
                      .rotated_at = query.Read<std::optional<Time>>(),
                      .rotated_by = query.Read<std::optional<RecordId>>(),
                      .successor_id = query.Read<std::optional<RefreshTokenId>>(),
                      .has_unused_successor = query.Read<bool>(),
                      .grant_expires_at = query.Read<Time>(),
                      .grant_revoked = query.Read<bool>(),
                      .grant_revoked_by = query.Read<std::optional<RecordId>>()});
}

Status InsertRotationAccessToken(const RotateRefreshToken& record, ApplyContext& context) {
  return InsertAccessToken(context, record.organization_id, record.grant_id, record.access_token);
}

Outcome Rotate(const RotateRefreshToken& record, const Parent& parent, ApplyContext& context) {
  const Result<std::int64_t> marked =
      Change(context, kMarkRotated, record.parent_id, record.organization_id, record.rotated_at,
             record.record_id, record.successor.id);
  if (!marked.ok()) return marked.error();
  Status status = InsertRefreshToken(context, record.organization_id, record.grant_id,
                                     record.successor, parent.sequence + 1, record.rotated_at);
  if (status.ok()) status = InsertRotationAccessToken(record, context);
  if (!status.ok()) return status;
  return Done(record.successor.id);
}

// True where this record was applied before: as the rotation, or as a replay within the grace.
Result<bool> IsSentAgain(const RotateRefreshToken& record, const Parent& parent,
                         ApplyContext& context) {
  if (parent.rotated_by == record.record_id) return true;
  return Finds(context, kFindSameAccessToken, record.access_token.id, record.organization_id,
               record.grant_id, record.access_token.token_hash);
}

// The parent was rotated before. Within the grace its holder lost the answer, or two refreshed at
// once; once the successor was used, or later, somebody else holds a copy.
Outcome Replay(const RotateRefreshToken& record, const Parent& parent, ApplyContext& context) {
  const Result<bool> is_sent_again = IsSentAgain(record, parent, context);
  if (!is_sent_again.ok()) return is_sent_again.error();
  const bool is_within_grace =
      parent.has_unused_successor && record.rotated_at < *parent.rotated_at + record.replay_grace;
  if (*is_sent_again || is_within_grace) {
    if (Status status = InsertRotationAccessToken(record, context); !status.ok()) return status;
    return Done(parent.successor_id.value_or(RefreshTokenId{}));
  }
  const Result<std::int64_t> revoked =
      Change(context, kRevokeGrant, record.grant_id, record.organization_id, record.rotated_at,
             record.record_id);
  if (!revoked.ok()) return revoked.error();
  return Refused(Code::kConflict);
}

Outcome Refresh(const RotateRefreshToken& record, ApplyContext& context) {
  const Result<std::optional<Parent>> found = FindParent(record, context);
  if (!found.ok()) return found.error();
  if (!found->has_value()) return Refused(Code::kNotFound);
  const Parent& parent = **found;
  if (parent.grant_revoked) {
    // The replay that revoked the grant, sent again, is still a replay.
    return Refused(parent.grant_revoked_by == record.record_id ? Code::kConflict : Code::kNotFound);
  }
  if (parent.grant_expires_at <= record.rotated_at) return Refused(Code::kExpired);
  if (parent.rotated_at) return Replay(record, parent, context);
  if (parent.expires_at <= record.rotated_at) return Refused(Code::kExpired);
  return Rotate(record, parent, context);
}

}  // namespace

Status InsertAccessToken(ApplyContext& context, const records::OrganizationId& organization_id,
                         const records::GrantId& grant_id, const records::NewAccessToken& token) {
  const Result<std::int64_t> inserted =
      Change(context, kInsertAccessToken, token.id, organization_id, grant_id, token.token_hash,
             token.expires_at, token.scope, token.resource);
  if (!inserted.ok() || *inserted == 1) return inserted.status();
  const Result<bool> is_the_same =
      Finds(context, kFindSameAccessToken, token.id, organization_id, grant_id, token.token_hash);
  if (!is_the_same.ok()) return is_the_same.error();
  return *is_the_same ? Status() : Status(Code::kExists, "another access token has this id");
}

Status InsertRefreshToken(ApplyContext& context, const records::OrganizationId& organization_id,
                          const records::GrantId& grant_id, const records::NewRefreshToken& token,
                          std::int64_t sequence, Time created_at) {
  return Change(context, kInsertRefreshToken, token.id, organization_id, grant_id,
                token.secret_hash, sequence, created_at, token.expires_at)
      .status();
}

Result<bool> HasSessionEpoch(ApplyContext& context, const records::OrganizationId& organization_id,
                             const records::UserId& user_id, std::int64_t session_epoch) {
  return Finds(context, kHasSessionEpoch, organization_id, user_id, session_epoch,
               records::UserStatus::kActive);
}

Status EndUserGrants(ApplyContext& context, const RecordId& record_id,
                     const records::OrganizationId& organization_id, const records::UserId& user_id,
                     Time revoked_at) {
  const Result<std::int64_t> revoked = Change(context, kJoined<kRevokeLiveGrants, kGrantsOfUser>,
                                              organization_id, user_id, revoked_at, record_id);
  if (!revoked.ok()) return revoked.error();
  const Result<std::int64_t> ended = Change(context, kEndUserSessions, organization_id, user_id);
  if (!ended.ok()) return ended.error();
  return Change(context, kRaiseSessionEpoch, organization_id, user_id).status();
}

Outcome Apply(const RotateRefreshToken& record, ApplyContext& context) {
  return ApplyUsingAssertion(record, context, &Refresh);
}

Outcome Apply(const records::RevokeGrant& record, ApplyContext& context) {
  const Result<std::int64_t> revoked =
      Change(context, kRevokeGrant, record.grant_id, record.organization_id, record.revoked_at,
             record.record_id);
  if (!revoked.ok()) return revoked.error();
  Query grant(context.statements, kFindGrantEnd, record.grant_id, record.organization_id);
  const Result<bool> is_there = grant.Step();
  if (!is_there.ok()) return is_there.error();
  if (!*is_there) return Refused(Code::kNotFound);
  records::WriteResult result = Done(record.grant_id);
  result.count = grant.Read<std::optional<RecordId>>() == record.record_id ? 1 : 0;
  return result;
}

Outcome Apply(const records::RevokeUserGrants& record, ApplyContext& context) {
  Status status = EndUserGrants(context, record.record_id, record.organization_id, record.user_id,
                                record.revoked_at);
  if (!status.ok()) return status;
  Query count(context.statements, kCountRevoked, record.organization_id, record.user_id,
              record.record_id);
  const Result<bool> row = count.Step();
  if (!row.ok()) return row.error();
  records::WriteResult result = Done(record.user_id);
  result.count = count.Read<std::int64_t>();
  return result;
}

}  // namespace store
