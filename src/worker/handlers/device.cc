#include <string>

#include "base/text.h"
#include "domain/issuer.h"
#include "http/authorization.h"
#include "oauth/device/activation.h"
#include "oauth/device/device_flow.h"
#include "oauth/refresh.h"
#include "worker/handlers/grant_types.h"
#include "worker/handlers/handlers.h"
#include "worker/handlers/reply.h"

namespace worker {

namespace {

using domain::ErrorCode;

domain::Answer<oauth::ClientCredentials> CredentialsOf(const http::Request& request,
                                                       const http::Params& params) {
  auto credentials = http::ReadClientCredentials(request.authorization, params);
  if (credentials.ok()) {
    credentials->request_id = request.request_id;
    credentials->issuer = request.issuer;
  }
  return credentials;
}

// A script of another site, or a form that it sent: what is counted against the address is counted
// against whoever has that page open. What is no browser sends neither header.
bool IsOfAnotherSite(const http::Request& request, const App& app) {
  const std::string_view site = request.sec_fetch_site;
  if (!site.empty() && site != "same-origin" && site != "none") return true;
  if (request.origin.empty()) return false;
  const bool is_below_public_url = request.issuer.starts_with("/o/");
  return request.origin !=
         domain::IssuerUrl(is_below_public_url ? "" : request.issuer, app.ports.settings);
}

// "device_code and refresh_token"
std::string ShownGrantTypes() {
  std::string text;
  for (const GrantType& type : kGrantTypes) {
    if (!text.empty()) text += &type == &kGrantTypes.back() ? " and " : ", ";
    text += type.shown;
  }
  return text;
}

}  // namespace

Outcome DeviceGrant(const http::Params& params, const oauth::ClientCredentials& credentials,
                    const http::Request& request, const App& app) {
  return Reply(oauth::RedeemDevice({.request_id = request.request_id,
                                    .credentials = credentials,
                                    .device_code = std::string(params.Get("device_code")),
                                    .resource = std::string(params.Get("resource")),
                                    .address = std::string(request.remote_address),
                                    .received_at = request.received_at},
                                   app.ports));
}

Outcome RefreshGrant(const http::Params& params, const oauth::ClientCredentials& credentials,
                     const http::Request& request, const App& app) {
  return Reply(oauth::Refresh({.request_id = request.request_id,
                               .refresh_token = std::string(params.Get("refresh_token")),
                               .scope = std::string(params.Get("scope")),
                               .resource = std::string(params.Get("resource")),
                               .issuer = {}},
                              credentials, app.ports));
}

Outcome HandleDeviceAuthorization(const http::Request& request, const App& app) {
  const auto params = ReadBody(request, app);
  if (!params.ok()) return params.error();
  auto credentials = CredentialsOf(request, *params);
  if (!credentials.ok()) return credentials.error();
  return Reply(oauth::AuthorizeDevice({.request_id = request.request_id,
                                       .credentials = std::move(*credentials),
                                       .org = std::string(params->Get("org")),
                                       .service = std::string(params->Get("service")),
                                       .scope = std::string(params->Get("scope")),
                                       .resource = std::string(params->Get("resource")),
                                       .address = std::string(request.remote_address),
                                       .device_name = base::ShownUserAgent(request.user_agent),
                                       .is_by_page = IsOfAnotherSite(request, app)},
                                      app.ports));
}

Outcome HandleToken(const http::Request& request, const App& app) {
  const auto params = ReadBody(request, app);
  if (!params.ok()) return params.error();
  const auto credentials = CredentialsOf(request, *params);
  if (!credentials.ok()) return credentials.error();
  const std::string_view grant_type = params->Get("grant_type");
  if (grant_type.empty())
    return domain::Error{.code = ErrorCode::kInvalidRequest,
                         .description = "grant_type is missing."};
  for (const GrantType& type : kGrantTypes) {
    if (type.name == grant_type) return type.grant(*params, *credentials, request, app);
  }
  return domain::Error{.code = ErrorCode::kUnsupportedGrantType,
                       .description = "This server takes the grants " + ShownGrantTypes() + "."};
}

Outcome HandleDeviceVerify(const http::Request& request, const App& app) {
  if (IsOfAnotherSite(request, app)) {
    return domain::Error{.code = ErrorCode::kForbidden,
                         .description = "Pages of other sites may not ask this."};
  }
  const auto params = ReadBody(request, app);
  if (!params.ok()) return params.error();
  const auto organization = domain::OrganizationOf(request.issuer, app.ports);
  if (!organization.ok()) return organization.error();
  const auto found = oauth::VerifyUserCode({.from = oauth::UserCodeRequest::From::kForm,
                                            .user_code = std::string(params->Get("user_code")),
                                            .address = std::string(request.remote_address),
                                            .guess_session = {},
                                            .organization = *organization,
                                            .organization_slug = std::string(params->Get("org")),
                                            .is_signed_in = {}},
                                           app.ports);
  if (!found.ok()) return found.error();
  return JsonResponse(DeviceVerifyJson(*found, {"password"}));
}

}  // namespace worker
