#include "ctl/admin/row_json.h"

#include "base/bytes.h"
#include "base/rfc3339.h"
#include "ctl/print/text.h"
#include "domain/issuer.h"
#include "records/audit/audit.h"

namespace ctl {

using base::ToText;

namespace {

// RFC 7591 §2. A secret may come either way.
std::string_view AuthMethodOf(const records::ClientRow& client) {
  if (client.type == records::ClientType::kPublic) return "none";
  return client.jwks.empty() ? "client_secret_basic" : "private_key_jwt";
}

}  // namespace

Json TimeJson(base::Time time) { return time == base::Time() ? Json() : Json(base::Rfc3339(time)); }

Json TimeJson(const std::optional<base::Time>& time) { return time ? TimeJson(*time) : Json(); }

JsonObject ToJson(const records::OrganizationRow& row) {
  return {{"id", ToText(row.id)},
          {"slug", row.slug},
          {"name", row.name},
          {"status", records::ToText(row.status)},
          {"created_at", TimeJson(row.created_at)},
          {"updated_at", TimeJson(row.updated_at)}};
}

JsonObject ToJson(const records::ServiceRow& row, const records::ClientRow& client,
                  const base::Settings& settings) {
  return {{"id", ToText(row.id)},
          {"slug", row.slug},
          {"name", row.name},
          {"client_id", client.client_id},
          {"client_type", records::ToText(client.type)},
          {"token_endpoint_auth_method", AuthMethodOf(client)},
          {"issuer", domain::IssuerUrl(client.issuer, settings)},
          {"client_disabled", client.disabled},
          {"refresh_token_allowed", client.refresh_token_allowed},
          {"default_scope", client.default_scope},
          {"allowed_scope", client.allowed_scope},
          {"resources", Json::List(SplitLines(row.resources))},
          {"access_token_lifetime_s", row.access_token_lifetime_s},
          {"created_at", TimeJson(row.created_at)}};
}

JsonObject ToJson(const records::PlanRow& row, std::string_view service_slug) {
  return {{"id", ToText(row.id)},
          {"service", service_slug},
          {"name", row.name},
          {"price_cents", row.price_cents},
          {"currency", row.currency},
          {"features", Json::List(SplitLines(row.features))},
          {"created_at", TimeJson(row.created_at)}};
}

JsonObject ToJson(const records::UserRow& row) {
  return {{"id", ToText(row.id)},
          {"email", row.email},
          {"email_verified", row.email_verified},
          {"status", records::ToText(row.status)},
          {"has_password", !row.password_hash.empty()},
          {"unlocked_at", TimeJson(row.unlocked_at)},
          {"created_at", TimeJson(row.created_at)},
          {"updated_at", TimeJson(row.updated_at)}};
}

JsonObject ToJson(const NamedSubscription& subscription) {
  return {{"id", ToText(subscription.row.id)},
          {"email", subscription.email},
          {"service", subscription.service},
          {"plan", subscription.plan},
          {"status", records::ToText(subscription.row.status)},
          {"current_period_end", TimeJson(subscription.row.current_period_end)}};
}

}  // namespace ctl
