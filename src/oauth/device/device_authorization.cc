#include <string>
#include <utility>

#include "domain/guess_budget.h"
#include "domain/issuer.h"
#include "oauth/clients/client_assertion.h"
#include "oauth/device/device_flow.h"
#include "oauth/device/user_code.h"
#include "oauth/resource.h"
#include "oauth/scope.h"

namespace oauth {

namespace {

using Authorized = domain::Step<domain::Answer<DeviceAuthorization>>;

// Two codes in a row that are live already are a chance of one in a million million.
constexpr int kDraws = 4;

domain::Error BadTriple() {
  return {.code = domain::ErrorCode::kInvalidRequest,
          .description = "client_id, org and service do not belong together."};
}

bool MatchesTriple(const DeviceAuthorizationRequest& request, const Client& client) {
  return (request.org.empty() || request.org == client.organization->slug) &&
         (request.service.empty() || request.service == client.service->slug);
}

// Counts what was issued within a lifetime, which is at least what is live.
domain::Spent TakeOneMore(const DeviceAuthorizationRequest& request, const Client& client,
                          const domain::Ports& ports) {
  const std::int64_t limit = ports.settings.device_codes_per_client_and_address;
  if (limit == 0) return std::nullopt;
  domain::NetworkBudget budget(
      domain::LimitPurpose::kDeviceCode, request.address, client.row->id,
      {.limit = limit, .window = base::seconds(ports.settings.device_code_s)});
  if (request.is_by_page) budget.LeaveMostToOthers();
  return budget.Take(ports);
}

// The oldest of them end in minutes, and those that people decide sooner.
constexpr base::seconds kRetryForARoom{30};

domain::Error TooManyLiveCodes(const domain::Ports& ports) {
  ports.Note(domain::Event::kDeviceCodesLimited);
  return {.code = domain::ErrorCode::kTooManyRequests,
          .description = "Too many live device codes of this client, or of it from this network.",
          .retry_after = kRetryForARoom};
}

records::CreateDeviceCode NewDeviceCode(const DeviceAuthorizationRequest& request,
                                        const Client& client, std::string scope,
                                        std::string resource, const domain::Ports& ports) {
  const base::Time now = ports.clock.Now();
  return {.record_id = request.request_id,
          .device_code_id = {},
          .organization_id = client.row->organization_id,
          .client_row_id = client.row->id,
          .service_id = client.row->service_id,
          .secret_hash = {},
          .user_code = {},
          .scope = std::move(scope),
          .issuer = domain::IssuerUrl(client.row->issuer, ports.settings),
          .address = request.address,
          .device_name = request.device_name,
          .created_at = now,
          .expires_at = now + base::seconds(ports.settings.device_code_s),
          .resource = std::move(resource),
          .assertion = client.assertion,
          .is_by_page = request.is_by_page};
}

DeviceAuthorization AuthorizationOf(const records::CreateDeviceCode& record,
                                    const domain::Secret& secret, const domain::Ports& ports) {
  const std::string uri = record.issuer + "/activate";
  return {.device_code = domain::EncodeSplitToken(record.device_code_id, secret),
          .user_code = record.user_code,
          .verification_uri = uri,
          .verification_uri_complete = uri + "?user_code=" + record.user_code,
          .expires_in = base::seconds(ports.settings.device_code_s),
          .interval = base::seconds(ports.settings.poll_interval_s)};
}

Authorized DrawAndWrite(records::CreateDeviceCode record, const domain::Ports& ports,
                        int draws_left) {
  domain::Secret secret{};
  ports.random.Fill(secret);
  ports.ids.Make(&record.device_code_id);
  record.secret_hash = ports.hashes.Sha256(secret);
  record.user_code = DrawUserCode(ports.random);
  auto then = [record, secret, &ports,
               draws_left](const records::WriteResult& result) -> Authorized {
    if (result.code == base::Code::kOk) return AuthorizationOf(record, secret, ports);
    if (result.code == base::Code::kExists && draws_left > 0) {
      return DrawAndWrite(record, ports, draws_left - 1);
    }
    if (result.code == base::Code::kInvalid) return AssertionUsed();
    if (result.code == base::Code::kDenied) return TooManyLiveCodes(ports);
    return domain::ErrorOf(result.code);
  };
  return domain::PendingWrite<domain::Answer<DeviceAuthorization>>{std::move(record),
                                                                   std::move(then)};
}

}  // namespace

Authorized AuthorizeDevice(const DeviceAuthorizationRequest& request, const domain::Ports& ports) {
  const auto client = AuthenticateClient(request.credentials, ports);
  if (!client.ok()) return client.error();
  if (!MatchesTriple(request, *client)) return BadTriple();
  const records::ClientRow& row = *client->row;
  auto scope =
      GrantScope(request.scope.empty() ? row.default_scope : request.scope, row.allowed_scope);
  if (!scope.ok()) return scope.error();
  auto resource = GrantResource(request.resource, *client->service);
  if (!resource.ok()) return resource.error();
  if (const domain::Spent spent = TakeOneMore(request, *client, ports)) {
    ports.Note(domain::Event::kDeviceCodesLimited);
    return domain::TooMany("Too many live device codes for this client from this address.", *spent);
  }
  return DrawAndWrite(
      NewDeviceCode(request, *client, std::move(*scope), std::move(*resource), ports), ports,
      kDraws - 1);
}

}  // namespace oauth
