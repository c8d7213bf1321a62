#include "store/audit/append_audit.h"

#include <optional>
#include <string_view>
#include <utility>

#include "store/apply/seen_records.h"

namespace store {

namespace {

using base::Result;
using base::Status;
using records::AuditEvent;
using records::AuditNote;
using std::string_view;

// NULL: one more than the largest.
constexpr string_view kInsert =
    "INSERT INTO audit_events (sequence, organization_id, at, event, record_id, actor, actor_id,"
    " actor_name, user_id, subject_id, address, detail)"
    " VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
constexpr string_view kUserOfGrant =
    "SELECT user_id FROM grants WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kUserOfSession =
    "SELECT user_id FROM sessions WHERE id = ?1 AND organization_id = ?2";

// Where the row that was changed knows whose it is, and the record does not.
string_view UserQuery(AuditEvent event) {
  if (event == AuditEvent::kGrantRevoked || event == AuditEvent::kRefreshTokenReused) {
    return kUserOfGrant;
  }
  return event == AuditEvent::kSignedOut ? kUserOfSession : string_view();
}

Status FindUser(AuditNote& note, ApplyContext& context) {
  const string_view sql = UserQuery(note.event);
  if (sql.empty() || note.user_id || !note.subject_id) return Status();
  Query query(context.statements, sql, *note.subject_id, note.organization_id);
  const Result<bool> row = query.Step();
  if (row.ok() && *row) note.user_id = query.Read<records::UserId>();
  return row.status();
}

// True where this very record was noted before.
Result<bool> IsSentAgain(const AuditNote& note, const records::RecordId& record_id,
                         std::int64_t changed_rows, ApplyContext& context) {
  if (note.again == AuditNote::Again::kChangesNothing) return changed_rows == 0;
  const Result<bool> is_new = NoteSeen(context, record_id, note.organization_id);
  if (!is_new.ok()) return is_new.error();
  return !*is_new;
}

Status Insert(AuditNote note, const records::RecordId& record_id,
              const records::RecordSource& origin, ApplyContext& context) {
  const records::AuditRow row = RowOf(std::move(note), record_id, origin, context.now);
  return Change(context, kInsert, row.organization_id, row.at, row.event, row.record_id, row.actor,
                row.actor_id, row.actor_name, row.user_id, row.subject_id, row.address, row.detail)
      .status();
}

}  // namespace

Status AppendAudit(const records::Write& write, const records::WriteResult& result,
                   std::int64_t changed_rows, const records::RecordSource& origin,
                   ApplyContext& context) {
  std::optional<AuditNote> note = NoteOf(write, result);
  if (!note) return Status();
  const records::RecordId& record_id = RecordIdOf(write);
  const Result<bool> is_sent_again = IsSentAgain(*note, record_id, changed_rows, context);
  if (!is_sent_again.ok() || *is_sent_again) return is_sent_again.status();
  if (Status status = FindUser(*note, context); !status.ok()) return status;
  return Insert(std::move(*note), record_id, origin, context);
}

Status AppendNotes(const records::RecordId& record_id, const records::RecordSource& origin,
                   ApplyContext& context) {
  for (AuditNote& note : context.notes) {
    Status status = Insert(std::move(note), record_id, origin, context);
    if (!status.ok()) return status;
  }
  return Status();
}

}  // namespace store
