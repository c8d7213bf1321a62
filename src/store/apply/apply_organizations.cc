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

constexpr string_view kFindBySlug =
    "SELECT o.id, o.created_by_record FROM organization_slugs g"
    " JOIN organizations o ON o.id = g.organization_id WHERE g.slug = ?1";
constexpr string_view kInsertSlug =
    "INSERT INTO organization_slugs (slug, organization_id) VALUES (?1, ?2)";
constexpr string_view kUpdate =
    "UPDATE organizations SET name = coalesce(?2, name), status = coalesce(?3, status),"
    " updated_at = ?4 WHERE id = ?1";
constexpr string_view kFind = "SELECT 1 FROM organizations WHERE id = ?1";
constexpr string_view kHasServiceOrUser =
    "SELECT 1 FROM services WHERE organization_id = ?1"
    " UNION ALL SELECT 1 FROM users WHERE organization_id = ?1 LIMIT 1";
constexpr string_view kDelete = "DELETE FROM organizations WHERE id = ?1";
constexpr string_view kDeleteSlug =
    "DELETE FROM organization_slugs"
    " WHERE slug = (SELECT slug FROM organizations WHERE id = ?1) AND organization_id = ?1";
constexpr string_view kDeleteMemberships = "DELETE FROM memberships WHERE organization_id = ?1";
constexpr string_view kDeleteDomains = "DELETE FROM domains WHERE organization_id = ?1";
constexpr string_view kDeleteKeys = "DELETE FROM signing_keys WHERE organization_id = ?1";

Status DeleteWithWhatHangsOnIt(const records::DeleteOrganization& record, ApplyContext& context) {
  for (const string_view sql :
       {kDeleteSlug, kDelete, kDeleteMemberships, kDeleteDomains, kDeleteKeys}) {
    const Result<std::int64_t> deleted = Change(context, sql, record.organization_id);
    if (!deleted.ok()) return deleted.error();
  }
  return NoteSeen(context, record.record_id, record.organization_id).status();
}

}  // namespace

Outcome Apply(const records::CreateOrganization& record, ApplyContext& context) {
  const Result<std::optional<WriteResult>> found =
      FindCreated(context, record.record_id, kFindBySlug, record.row.slug);
  if (!found.ok()) return found.error();
  if (found->has_value()) return **found;
  const Result<std::int64_t> inserted =
      Change(context, kInsert<records::OrganizationRow>, record.row, record.record_id);
  if (!inserted.ok()) return inserted.error();
  const Result<std::int64_t> named = Change(context, kInsertSlug, record.row.slug, record.row.id);
  if (!named.ok()) return named.error();
  return Done(record.row.id);
}

Outcome Apply(const records::UpdateOrganization& record, ApplyContext& context) {
  const Result<std::int64_t> updated = Change(context, kUpdate, record.organization_id, record.name,
                                              record.status, record.updated_at);
  if (!updated.ok()) return updated.error();
  return *updated == 1 ? Done(record.organization_id) : Refused(Code::kNotFound);
}

Outcome Apply(const records::DeleteOrganization& record, ApplyContext& context) {
  if (record.organization_id == records::kPlatformOrganizationId) return Refused(Code::kDenied);
  const Result<bool> is_there = Finds(context, kFind, record.organization_id);
  if (!is_there.ok()) return is_there.error();
  if (!*is_there) return AnswerMissing(context, record.record_id, record.organization_id);
  const Result<bool> is_used = Finds(context, kHasServiceOrUser, record.organization_id);
  if (!is_used.ok()) return is_used.error();
  if (*is_used) return Refused(Code::kConflict);
  Status status = DeleteWithWhatHangsOnIt(record, context);
  if (!status.ok()) return status;
  return Done(record.organization_id);
}

}  // namespace store
