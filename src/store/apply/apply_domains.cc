// The Hosts that are issuers of organizations.
#include <optional>
#include <string_view>

#include "store/apply/apply.h"
#include "store/apply/seen_records.h"
#include "store/entity.h"

namespace store {

namespace {

using base::Code;
using base::Result;
using records::WriteResult;
using std::string_view;

constexpr string_view kFindOrganization = "SELECT 1 FROM organizations WHERE id = ?1";
constexpr string_view kFindByHost =
    "SELECT organization_id, created_by_record FROM domains WHERE host = ?1";
constexpr string_view kFind = "SELECT 1 FROM domains WHERE host = ?1 AND organization_id = ?2";
constexpr string_view kIsIssuer =
    "SELECT 1 FROM clients WHERE organization_id = ?2 AND issuer = '//' || ?1 LIMIT 1";
constexpr string_view kDelete = "DELETE FROM domains WHERE host = ?1 AND organization_id = ?2";

}  // namespace

Outcome Apply(const records::CreateDomain& record, ApplyContext& context) {
  if (record.row.organization_id == records::kPlatformOrganizationId) return Refused(Code::kDenied);
  const Result<bool> has_owner = Finds(context, kFindOrganization, record.row.organization_id);
  if (!has_owner.ok()) return has_owner.error();
  if (!*has_owner) return Refused(Code::kNotFound);
  const Result<std::optional<WriteResult>> found =
      FindCreated(context, record.record_id, kFindByHost, record.row.host);
  if (!found.ok()) return found.error();
  if (found->has_value()) return **found;
  const Result<std::int64_t> inserted =
      Change(context, kInsert<records::DomainRow>, record.row, record.record_id);
  if (!inserted.ok()) return inserted.error();
  return Done(record.row.organization_id);
}

Outcome Apply(const records::DeleteDomain& record, ApplyContext& context) {
  const Result<bool> is_there = Finds(context, kFind, record.host, record.organization_id);
  if (!is_there.ok()) return is_there.error();
  if (!*is_there) return AnswerMissing(context, record.record_id, record.organization_id);
  const Result<bool> is_issuer = Finds(context, kIsIssuer, record.host, record.organization_id);
  if (!is_issuer.ok()) return is_issuer.error();
  if (*is_issuer) return Refused(Code::kConflict);
  const Result<std::int64_t> deleted =
      Change(context, kDelete, record.host, record.organization_id);
  if (!deleted.ok()) return deleted.error();
  if (const base::Status status =
          NoteSeen(context, record.record_id, record.organization_id).status();
      !status.ok()) {
    return status;
  }
  return Done(record.organization_id);
}

}  // namespace store
