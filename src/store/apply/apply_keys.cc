// Signing keys, and the probe that shows that a write commits.
#include <optional>
#include <string_view>

#include "store/apply/apply.h"
#include "store/apply/seen_records.h"
#include "store/entity.h"

namespace store {

namespace {

using base::Code;
using base::Result;
using records::SigningKeyState;
using records::WriteResult;
using std::string_view;

constexpr string_view kFindByKid =
    "SELECT id, created_by_record FROM signing_keys WHERE organization_id = ?1 AND kid = ?2";
constexpr string_view kFind =
    "SELECT state, algorithm, promoted_by_record FROM signing_keys"
    " WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kRetireCurrent =
    "UPDATE signing_keys SET state = ?3, retire_at = ?5"
    " WHERE organization_id = ?1 AND algorithm = ?2 AND state = ?4";
constexpr string_view kPromote =
    "UPDATE signing_keys SET state = ?3, promoted_by_record = ?4"
    " WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kDelete = "DELETE FROM signing_keys WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kUpdateProbe =
    "UPDATE probes SET record_id = ?1, probed_at = ?2 WHERE id = 1";
constexpr string_view kInsertProbe =
    "INSERT INTO probes (id, record_id, probed_at) VALUES (1, ?1, ?2)";

Outcome Promote(const records::PromoteSigningKey& record, records::SigningAlgorithm algorithm,
                ApplyContext& context) {
  const Result<std::int64_t> retired =
      Change(context, kRetireCurrent, record.organization_id, algorithm, SigningKeyState::kRetired,
             SigningKeyState::kCurrent, record.retire_at);
  if (!retired.ok()) return retired.error();
  const Result<std::int64_t> promoted =
      Change(context, kPromote, record.signing_key_id, record.organization_id,
             SigningKeyState::kCurrent, record.record_id);
  if (!promoted.ok()) return promoted.error();
  return Done(record.signing_key_id);
}

}  // namespace

Outcome Apply(const records::CreateSigningKey& record, ApplyContext& context) {
  const Result<std::optional<WriteResult>> found = FindCreated(
      context, record.record_id, kFindByKid, record.row.organization_id, record.row.kid);
  if (!found.ok()) return found.error();
  if (found->has_value()) return **found;
  // A second current key of an algorithm breaks a unique index: kExists.
  const Result<std::int64_t> inserted =
      Change(context, kInsert<records::SigningKeyRow>, record.row, record.record_id);
  if (!inserted.ok()) return inserted.error();
  return Done(record.row.id);
}

Outcome Apply(const records::PromoteSigningKey& record, ApplyContext& context) {
  SigningKeyState state{};
  records::SigningAlgorithm algorithm{};
  {
    Query key(context.statements, kFind, record.signing_key_id, record.organization_id);
    const Result<bool> found = key.Step();
    if (!found.ok()) return found.error();
    if (!*found) return Refused(Code::kNotFound);
    state = key.Read<SigningKeyState>();
    algorithm = key.Read<records::SigningAlgorithm>();
    if (key.Read<std::optional<records::RecordId>>() == record.record_id) {
      return Done(record.signing_key_id);
    }
  }
  if (state != SigningKeyState::kNext) return Refused(Code::kConflict);
  return Promote(record, algorithm, context);
}

Outcome Apply(const records::DeleteSigningKey& record, ApplyContext& context) {
  SigningKeyState state{};
  {
    Query key(context.statements, kFind, record.signing_key_id, record.organization_id);
    const Result<bool> found = key.Step();
    if (!found.ok()) return found.error();
    if (!*found) return AnswerMissing(context, record.record_id, record.organization_id);
    state = key.Read<SigningKeyState>();
  }
  if (state == SigningKeyState::kCurrent) return Refused(Code::kConflict);
  const Result<std::int64_t> deleted =
      Change(context, kDelete, record.signing_key_id, record.organization_id);
  if (!deleted.ok()) return deleted.error();
  const base::Status kept = NoteSeen(context, record.record_id, record.organization_id).status();
  if (!kept.ok()) return kept;
  return Done(record.signing_key_id);
}

Outcome Apply(const records::Probe& record, ApplyContext& context) {
  const Result<std::int64_t> updated =
      Change(context, kUpdateProbe, record.record_id, record.probed_at);
  if (!updated.ok()) return updated.error();
  if (*updated == 1) return Done();
  const Result<std::int64_t> inserted =
      Change(context, kInsertProbe, record.record_id, record.probed_at);
  if (!inserted.ok()) return inserted.error();
  return Done();
}

}  // namespace store
