#include "records/audit/audit.h"

#include <array>
#include <utility>

namespace records {

namespace {

using std::string_view;

constexpr std::array<string_view, static_cast<std::size_t>(AuditEvent::kCount)> kEvents{
    "sign_in.succeeded",    "sign_in.failed",        "session.ended",
    "device.approved",      "device.refused",        "device.approval_failed",
    "device.redeemed",      "grant.revoked",         "grant.all_revoked",
    "grant.token_reused",   "password_link.created", "password.set",
    "organization.created", "organization.updated",  "organization.deleted",
    "domain.created",       "domain.deleted",        "service.created",
    "service.updated",      "service.deleted",       "plan.created",
    "plan.updated",         "plan.deleted",          "user.created",
    "user.updated",         "user.deleted",          "subscription.created",
    "subscription.updated", "subscription.deleted",  "membership.created",
    "key.created",          "key.promoted",          "key.deleted",
    "password.rehashed",    "user.imported",         "child.died",
};
constexpr std::array<string_view, static_cast<std::size_t>(AuditActor::kCount)> kActors{
    "nobody", "user", "app", "operator"};

}  // namespace

string_view ToText(AuditEvent value) {
  const auto index = static_cast<std::size_t>(value);
  return index < kEvents.size() ? kEvents[index] : "unknown";
}

std::optional<AuditEvent> AuditEventNamed(string_view name) {
  for (std::size_t i = 0; i < kEvents.size(); ++i) {
    if (kEvents[i] == name) return static_cast<AuditEvent>(i);
  }
  return std::nullopt;
}

string_view ToText(AuditActor value) {
  const auto index = static_cast<std::size_t>(value);
  return index < kActors.size() ? kActors[index] : "unknown";
}

AuditRow RowOf(AuditNote note, const RecordId& record_id, const RecordSource& origin,
               base::Time at) {
  AuditRow row{.organization_id = note.organization_id,
               .at = at,
               .event = note.event,
               .record_id = note.request_id.value_or(record_id),
               .actor = note.actor,
               .actor_id = std::nullopt,
               .actor_name = origin.operator_name,
               .user_id = note.user_id,
               .subject_id = note.subject_id,
               .address = origin.address,
               .detail = std::move(note.detail)};
  if (!origin.operator_name.empty()) row.actor = AuditActor::kOperator;
  if (row.actor == AuditActor::kUser) row.actor_id = row.user_id;
  return row;
}

}  // namespace records
