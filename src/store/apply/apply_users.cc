// Users and the memberships of the platform's users.
#include <optional>
#include <string_view>

#include "store/apply/apply.h"
#include "store/apply/seen_records.h"
#include "store/entity.h"

namespace store {

namespace {

using base::Code;
using base::Result;
using base::Status;
using records::WriteResult;
using std::string_view;

constexpr string_view kFindOrganization = "SELECT 1 FROM organizations WHERE id = ?1";
constexpr string_view kFindByEmail =
    "SELECT id, created_by_record FROM users WHERE organization_id = ?1 AND email = ?2";
// Whosever it is: the key of all users.
constexpr string_view kFindId = "SELECT 1 FROM users WHERE id = ?1";
// A taken e-mail is a unique key of the table: kExists. Another e-mail ends what was only begun: a link
// that sets a password may have gone to the former address.
constexpr string_view kUpdate =
    "UPDATE users SET email = coalesce(?3, email), status = coalesce(?4, status),"
    " unlocked_at = coalesce(?5, unlocked_at), updated_at = ?6,"
    " guesses = CASE WHEN ?5 IS NULL THEN guesses ELSE 0 END,"
    " guesses_since = CASE WHEN ?5 IS NULL THEN guesses_since ELSE 0 END,"
    " session_epoch = session_epoch + (?3 IS NOT NULL AND ?3 <> email)"
    " WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kFind = "SELECT 1 FROM users WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kIsOwner =
    "SELECT 1 FROM memberships WHERE user_id = ?1 AND organization_id = ?2 AND role = ?3";
// One who could still sign in.
constexpr string_view kHasOtherOwner =
    "SELECT 1 FROM memberships m JOIN users u ON u.id = m.user_id AND u.organization_id = ?2"
    " WHERE m.organization_id = ?2 AND m.role = ?3 AND m.user_id <> ?1 AND u.status = ?4";
constexpr string_view kDelete = "DELETE FROM users WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kDeleteSubscriptions =
    "DELETE FROM subscriptions WHERE user_id = ?1 AND organization_id = ?2";
constexpr string_view kDeleteLinks =
    "DELETE FROM password_links WHERE user_id = ?1 AND organization_id = ?2";
// The user was found in the record's organization; memberships lie in others.
constexpr string_view kDeleteMemberships = "DELETE FROM memberships WHERE user_id = ?1";
constexpr string_view kFindMembership =
    "SELECT user_id, created_by_record FROM memberships"
    " WHERE user_id = ?1 AND organization_id = ?2";
constexpr string_view kInsertMembership =
    "INSERT INTO memberships (user_id, organization_id, role, created_at, created_by_record)"
    " VALUES (?1, ?2, ?3, ?4, ?5)";

Outcome Insert(const records::UserRow& user, const records::RecordId& record_id,
               ApplyContext& context) {
  const Result<bool> has_owner = Finds(context, kFindOrganization, user.organization_id);
  if (!has_owner.ok()) return has_owner.error();
  if (!*has_owner) return Refused(Code::kNotFound);
  const Result<std::optional<WriteResult>> found =
      FindCreated(context, record_id, kFindByEmail, user.organization_id, user.email);
  if (!found.ok()) return found.error();
  if (found->has_value()) return **found;
  // An insert that fails would repeat the batch, and a file may bring many.
  const Result<bool> is_taken = Finds(context, kFindId, user.id);
  if (!is_taken.ok()) return is_taken.error();
  if (*is_taken) return Refused(Code::kExists);
  const Result<std::int64_t> inserted = Change(context, kInsert<records::UserRow>, user, record_id);
  if (!inserted.ok()) return inserted.error();
  return Done(user.id);
}

Result<bool> IsLastPlatformOwner(const records::UserId& user_id, ApplyContext& context) {
  Result<bool> is_owner =
      Finds(context, kIsOwner, user_id, records::kPlatformOrganizationId, records::Role::kOwner);
  if (!is_owner.ok() || !*is_owner) return is_owner;
  const Result<bool> has_other =
      Finds(context, kHasOtherOwner, user_id, records::kPlatformOrganizationId,
            records::Role::kOwner, records::UserStatus::kActive);
  if (!has_other.ok()) return has_other.error();
  return !*has_other;
}

Status DeleteWithWhatHangsOnIt(const records::DeleteUser& record, ApplyContext& context) {
  for (const string_view sql : {kDelete, kDeleteSubscriptions, kDeleteLinks}) {
    const Result<std::int64_t> deleted =
        Change(context, sql, record.user_id, record.organization_id);
    if (!deleted.ok()) return deleted.error();
  }
  const Result<std::int64_t> memberships = Change(context, kDeleteMemberships, record.user_id);
  if (!memberships.ok()) return memberships.error();
  Status status = EndUserGrants(context, record.record_id, record.organization_id, record.user_id,
                                record.deleted_at);
  if (!status.ok()) return status;
  return NoteSeen(context, record.record_id, record.organization_id).status();
}

}  // namespace

Outcome Apply(const records::CreateUser& record, ApplyContext& context) {
  return Insert(record.row, record.record_id, context);
}

Outcome Apply(const records::ImportUser& record, ApplyContext& context) {
  records::UserRow user = record.row;
  user.updated_at = record.imported_at;
  // The id may be that of a user who was deleted: what was begun for that one has an earlier time, raised by a few.
  user.session_epoch = record.imported_at.time_since_epoch().count();
  return Insert(user, record.record_id, context);
}

Outcome Apply(const records::UpdateUser& record, ApplyContext& context) {
  const bool disables = record.status == records::UserStatus::kDisabled;
  if (disables && record.organization_id == records::kPlatformOrganizationId) {
    const Result<bool> is_needed = IsLastPlatformOwner(record.user_id, context);
    if (!is_needed.ok()) return is_needed.error();
    if (*is_needed) return Refused(Code::kConflict);
  }
  const Result<std::int64_t> updated =
      Change(context, kUpdate, record.user_id, record.organization_id, record.email, record.status,
             record.unlocked_at, record.updated_at);
  if (!updated.ok()) return updated.error();
  if (*updated == 0) return Refused(Code::kNotFound);
  if (disables) {
    Status status = EndUserGrants(context, record.record_id, record.organization_id, record.user_id,
                                  record.updated_at);
    if (!status.ok()) return status;
  }
  return Done(record.user_id);
}

Outcome Apply(const records::DeleteUser& record, ApplyContext& context) {
  const Result<bool> is_there = Finds(context, kFind, record.user_id, record.organization_id);
  if (!is_there.ok()) return is_there.error();
  if (!*is_there) return AnswerMissing(context, record.record_id, record.organization_id);
  const Result<bool> is_needed = IsLastPlatformOwner(record.user_id, context);
  if (!is_needed.ok()) return is_needed.error();
  if (*is_needed) return Refused(Code::kConflict);
  Status status = DeleteWithWhatHangsOnIt(record, context);
  if (!status.ok()) return status;
  return Done(record.user_id);
}

Outcome Apply(const records::CreateMembership& record, ApplyContext& context) {
  const Result<bool> has_user =
      Finds(context, kFind, record.user_id, records::kPlatformOrganizationId);
  if (!has_user.ok()) return has_user.error();
  const Result<bool> has_organization = Finds(context, kFindOrganization, record.organization_id);
  if (!has_organization.ok()) return has_organization.error();
  if (!*has_user || !*has_organization) return Refused(Code::kNotFound);
  const Result<std::optional<WriteResult>> found = FindCreated(
      context, record.record_id, kFindMembership, record.user_id, record.organization_id);
  if (!found.ok()) return found.error();
  if (found->has_value()) return **found;
  const Result<std::int64_t> inserted =
      Change(context, kInsertMembership, record.user_id, record.organization_id, record.role,
             record.created_at, record.record_id);
  if (!inserted.ok()) return inserted.error();
  return Done(record.user_id);
}

}  // namespace store
