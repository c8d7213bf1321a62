#include "worker/handlers/api_json.h"

#include "base/rfc3339.h"
#include "base/text.h"
#include "http/routes.h"
#include "json/object_writer.h"
#include "oauth/scope.h"
#include "records/audit/audit.h"
#include "worker/handlers/grant_types.h"

namespace worker {

using json::ObjectWriter;

std::string ToJson(const oauth::DeviceAuthorization& answer) {
  return ObjectWriter()
      .Text("device_code", answer.device_code)
      .Text("user_code", answer.user_code)
      .Text("verification_uri", answer.verification_uri)
      .Text("verification_uri_complete", answer.verification_uri_complete)
      .Number("expires_in", answer.expires_in.count())
      .Number("interval", answer.interval.count())
      .Take();
}

std::string ToJson(const oauth::TokenResponse& answer) {
  return ObjectWriter()
      .Text("access_token", answer.access_token)
      .Text("token_type", "Bearer")
      .Number("expires_in", answer.expires_in.count())
      .OptionalText("refresh_token", answer.refresh_token)
      .OptionalText("id_token", answer.id_token)
      .OptionalText("scope", answer.scope)
      .Take();
}

std::string ToJson(const oauth::UserAnswer& answer) {
  return ObjectWriter()
      .Text("id", answer.id)
      .OptionalText("email", answer.email)
      .Text("org", answer.org)
      .Text("service", answer.service)
      .Take();
}

std::string ToJson(const oauth::SubscriptionAnswer& answer) {
  return ObjectWriter()
      .Text("service", answer.service)
      .Text("plan", answer.plan)
      .Array("features", base::Split(answer.features, '\n'))
      .Text("status", records::ToText(answer.status))
      .Text("current_period_end",
            answer.current_period_end ? base::Rfc3339(*answer.current_period_end) : "N/A")
      .Take();
}

std::string DeviceVerifyJson(const oauth::LiveUserCode& code,
                             const std::vector<std::string>& available_providers) {
  json::ObjectWriter writer;
  writer.Text("org_slug", code.organization_slug)
      .Text("service_slug", code.service_slug)
      .Array("available_providers", available_providers);
  if (!code.row.scope.empty() || !code.row.resource.empty()) {
    writer.OptionalText("scope", code.row.scope)
        .OptionalText("resource", code.row.resource)
        .Number("access_lifetime", code.lifetime.count());
  }
  return writer.Take();
}

// Advertises what works today and nothing else. There is no authorization endpoint yet, so
// response_types_supported is empty; RFC 8414 requires the member itself.
std::string MetadataJson(std::string_view issuer) {
  using Words = std::vector<std::string_view>;
  ObjectWriter writer;
  writer.Text("issuer", issuer);
  for (const http::Route& route : http::kRoutes) {
    if (route.metadata.empty()) continue;
    writer.Text(route.metadata, std::string(issuer).append(route.path));
  }
  Words grant_types;
  for (const GrantType& type : kGrantTypes) grant_types.push_back(type.name);
  return writer.Array("response_types_supported", Words{})
      .Array("grant_types_supported", grant_types)
      .Array("token_endpoint_auth_methods_supported",
             Words{"none", "client_secret_basic", "client_secret_post", "private_key_jwt"})
      .Array("token_endpoint_auth_signing_alg_values_supported", Words{"ES256", "RS256"})
      .Array("scopes_supported", base::Split(oauth::KnownScopes(), ' '))
      .Array("subject_types_supported", Words{"public"})
      .Array("id_token_signing_alg_values_supported", Words{"RS256"})
      .Array("claims_supported", Words{"iss", "aud", "sub", "exp", "iat", "auth_time", "amr", "sid",
                                       "org", "email", "email_verified"})
      .Take();
}

}  // namespace worker
