// Services and their clients.
#include <optional>
#include <string_view>

#include "store/apply/apply.h"
#include "store/apply/revoked_grants.h"
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
constexpr string_view kFindBySlug =
    "SELECT id, created_by_record FROM services WHERE organization_id = ?1 AND slug = ?2";
// A reference to an issuer (domain/issuer.h): /o/ and the slug, or // and the host of a domain. The
// platform (?3) has neither.
constexpr string_view kFindIssuer =
    "SELECT 1 FROM organizations WHERE id = ?2 AND id <> ?3 AND ?1 = '/o/' || slug"
    " UNION ALL SELECT 1 FROM domains WHERE ?1 = '//' || host AND host = substr(?1, 3)"
    " AND organization_id = ?2 AND organization_id <> ?3";
constexpr string_view kFindClientId = "SELECT 1 FROM client_ids WHERE client_id = ?1";
constexpr string_view kInsertClientId =
    "INSERT INTO client_ids (client_id, organization_id, client_row_id) VALUES (?1, ?2, ?3)";
constexpr string_view kUpdate =
    "UPDATE services SET name = coalesce(?3, name),"
    " access_token_lifetime_s = coalesce(?4, access_token_lifetime_s),"
    " resources = coalesce(?5, resources)"
    " WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kUpdateClients =
    "UPDATE clients SET disabled = coalesce(?3, disabled),"
    " refresh_token_allowed = coalesce(?4, refresh_token_allowed),"
    " secret_hash = CASE WHEN ?6 IS NULL THEN coalesce(?5, secret_hash) END,"
    " jwks = CASE WHEN ?5 IS NULL THEN coalesce(?6, jwks) ELSE '' END,"
    " default_scope = coalesce(?7, default_scope), allowed_scope = coalesce(?8, allowed_scope)"
    " WHERE service_id = ?1 AND organization_id = ?2";
constexpr string_view kFind = "SELECT 1 FROM services WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kHasPlanOrSubscription =
    "SELECT 1 FROM plans WHERE service_id = ?1 AND organization_id = ?2"
    " UNION ALL SELECT 1 FROM subscriptions WHERE service_id = ?1 AND organization_id = ?2 LIMIT 1";
constexpr string_view kDelete = "DELETE FROM services WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kDeleteClientIds =
    "DELETE FROM client_ids WHERE organization_id = ?2 AND client_id IN"
    " (SELECT client_id FROM clients WHERE service_id = ?1 AND organization_id = ?2)";
constexpr string_view kDeleteClients =
    "DELETE FROM clients WHERE service_id = ?1 AND organization_id = ?2";
// Along grants_by_user, so that only grants of this organization are visited.
constexpr string_view kGrantsOfService = " AND organization_id = ?2 AND service_id = ?1";

// kNotFound, kExists, or kOk where this record made the service before; none: it may be made.
Result<std::optional<WriteResult>> RefuseCreation(const records::CreateService& record,
                                                  ApplyContext& context) {
  using Answer = Result<std::optional<WriteResult>>;
  const records::OrganizationId& org = record.row.organization_id;
  const Result<bool> has_owner = Finds(context, kFindOrganization, org);
  if (!has_owner.ok()) return has_owner.error();
  if (!*has_owner) return Answer(Refused(Code::kNotFound));
  if (!record.client.issuer.empty()) {
    const Result<bool> is_ours =
        Finds(context, kFindIssuer, record.client.issuer, org, records::kPlatformOrganizationId);
    if (!is_ours.ok()) return is_ours.error();
    if (!*is_ours) return Answer(Refused(Code::kNotFound));
  }
  Answer found = FindCreated(context, record.record_id, kFindBySlug, org, record.row.slug);
  if (!found.ok() || found->has_value()) return found;
  const Result<bool> is_taken = Finds(context, kFindClientId, record.client.client_id);
  if (!is_taken.ok()) return is_taken.error();
  return *is_taken ? Answer(Refused(Code::kExists)) : Answer(std::nullopt);
}

Status InsertClient(const records::ClientRow& client, ApplyContext& context) {
  const Result<std::int64_t> inserted = Change(context, kInsert<records::ClientRow>, client);
  if (!inserted.ok()) return inserted.error();
  return Change(context, kInsertClientId, client.client_id, client.organization_id, client.id)
      .status();
}

Status DeleteWithClients(const records::DeleteService& record, ApplyContext& context) {
  for (const string_view sql : {kDelete, kDeleteClientIds, kDeleteClients}) {
    const Result<std::int64_t> deleted =
        Change(context, sql, record.service_id, record.organization_id);
    if (!deleted.ok()) return deleted.error();
  }
  const Result<std::int64_t> revoked =
      Change(context, kJoined<kRevokeLiveGrants, kGrantsOfService>, record.service_id,
             record.organization_id, record.deleted_at, record.record_id);
  if (!revoked.ok()) return revoked.error();
  return NoteSeen(context, record.record_id, record.organization_id).status();
}

}  // namespace

Outcome Apply(const records::CreateService& record, ApplyContext& context) {
  const Result<std::optional<WriteResult>> refusal = RefuseCreation(record, context);
  if (!refusal.ok()) return refusal.error();
  if (refusal->has_value()) return **refusal;
  const Result<std::int64_t> inserted =
      Change(context, kInsert<records::ServiceRow>, record.row, record.record_id);
  if (!inserted.ok()) return inserted.error();
  // Whatever the record says of it, the client is its service's.
  records::ClientRow client = record.client;
  client.organization_id = record.row.organization_id;
  client.service_id = record.row.id;
  if (Status status = InsertClient(client, context); !status.ok()) return status;
  return Done(record.row.id);
}

Outcome Apply(const records::UpdateService& record, ApplyContext& context) {
  const Result<std::int64_t> updated =
      Change(context, kUpdate, record.service_id, record.organization_id, record.name,
             record.access_token_lifetime_s, record.resources);
  if (!updated.ok()) return updated.error();
  if (*updated == 0) return Refused(Code::kNotFound);
  const Result<std::int64_t> clients =
      Change(context, kUpdateClients, record.service_id, record.organization_id,
             record.client_disabled, record.refresh_token_allowed, record.client_secret_hash,
             record.client_jwks, record.default_scope, record.allowed_scope);
  if (!clients.ok()) return clients.error();
  return Done(record.service_id);
}

Outcome Apply(const records::DeleteService& record, ApplyContext& context) {
  const Result<bool> is_there = Finds(context, kFind, record.service_id, record.organization_id);
  if (!is_there.ok()) return is_there.error();
  if (!*is_there) return AnswerMissing(context, record.record_id, record.organization_id);
  const Result<bool> is_used =
      Finds(context, kHasPlanOrSubscription, record.service_id, record.organization_id);
  if (!is_used.ok()) return is_used.error();
  if (*is_used) return Refused(Code::kConflict);
  if (Status status = DeleteWithClients(record, context); !status.ok()) return status;
  return Done(record.service_id);
}

}  // namespace store
