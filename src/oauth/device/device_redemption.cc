#include <string>
#include <utility>

#include "domain/guess_budget.h"
#include "oauth/clients/client_assertion.h"
#include "oauth/device/device_flow.h"
#include "oauth/grant.h"

namespace oauth {

namespace {

using Redeemed = domain::Step<domain::Answer<TokenResponse>>;

// A replay received sooner after the redemption may have been in flight with the winner: it gets
// plain invalid_grant, or the losers of a race would end the winner's grant.
constexpr base::seconds kReplayMargin{1};

domain::Error InvalidGrant() {
  return {.code = domain::ErrorCode::kInvalidGrant,
          .description = "The device_code is unknown, used, or was issued to another client."};
}

domain::Error ApprovalEnded() {
  return {.code = domain::ErrorCode::kAccessDenied,
          .description = "The account was disabled or changed, or all its grants were ended."};
}

// Guessing device codes is hopeless (256 bits); asking for it at full speed is a flood.
domain::Error UnknownDeviceCode(const DeviceTokenRequest& request, const domain::Ports& ports) {
  const std::int64_t limit = ports.settings.unknown_device_codes_per_address;
  if (limit == 0) return InvalidGrant();
  const domain::NetworkBudget budget(domain::LimitPurpose::kUnknownDeviceCode, request.address,
                                     {.limit = limit, .window = base::seconds(60)});
  const domain::Spent spent = budget.Take(ports);
  if (!spent) return InvalidGrant();
  ports.Note(domain::Event::kUnknownDeviceCodesLimited);
  return domain::TooMany("Too many unknown device codes from this address.", *spent);
}

domain::Error Throttled(const records::DeviceCodeRow& code, const domain::Ports& ports) {
  const domain::PollTable::Verdict verdict = ports.polls.Poll(
      code.id, base::seconds(ports.settings.poll_interval_s), ports.clock.SinceBoot());
  if (verdict.too_fast) {
    ports.Note(domain::Event::kPollTooFast);
    return {.code = domain::ErrorCode::kSlowDown,
            .description = "Polling too fast: wait 5 seconds longer between polls.",
            .retry_after = verdict.interval};
  }
  return {.code = domain::ErrorCode::kAuthorizationPending,
          .description = "The person has not decided yet.",
          .retry_after = verdict.interval};
}

bool IsLateReplay(const DeviceTokenRequest& request, const records::DeviceCodeRow& code) {
  return request.received_at > code.redeemed_at + kReplayMargin;
}

Redeemed EndReplayedGrant(const DeviceTokenRequest& request, const records::DeviceCodeRow& code,
                          const domain::Ports& ports) {
  return domain::PendingWrite<domain::Answer<TokenResponse>>{
      records::RevokeGrant{.record_id = request.request_id,
                           .organization_id = code.organization_id,
                           .grant_id = code.grant_id,
                           .revoked_at = ports.clock.Now()},
      [](const records::WriteResult&) -> Redeemed { return InvalidGrant(); }};
}

Subject SubjectOf(const records::DeviceCodeRow& code, Granted granted, const domain::Ports& ports) {
  Subject subject{.user_id = code.user_id,
                  .email = code.user_email,
                  .grant_id = {},
                  .issuer = code.issuer,
                  .scope = std::move(granted.scope),
                  .resource = std::move(granted.resource),
                  .amr = code.amr,
                  .auth_time = code.auth_time,
                  .grant_expires_at =
                      ports.clock.Now() + base::seconds(ports.settings.refresh_token_absolute_s)};
  ports.ids.Make(&subject.grant_id);
  return subject;
}

records::NewGrant GrantOf(const Subject& subject, const records::DeviceCodeRow& code) {
  return {.id = subject.grant_id,
          .user_id = subject.user_id,
          .service_id = code.service_id,
          .scope = subject.scope,
          .issuer = subject.issuer,
          .amr = subject.amr,
          .auth_time = subject.auth_time,
          .expires_at = subject.grant_expires_at,
          .address = code.address,
          .device_name = code.device_name,
          .resource = code.resource};
}

// Signs everything first: the record arrives at the writer complete, and only one of many wins
// there.
Redeemed IssueFor(const DeviceTokenRequest& request, const records::DeviceCodeRow& code,
                  const Client& client, const domain::Ports& ports) {
  auto granted =
      CheckGrant(GrantType::kDeviceCode, {.scope = code.scope, .resource = code.resource},
                 {.scope = {}, .resource = request.resource}, *client.row, *client.service);
  if (!granted.ok()) return granted.error();
  const Subject subject = SubjectOf(code, std::move(*granted), ports);
  auto access_token = MakeAccessToken(subject, client, ports);
  if (!access_token.ok()) return access_token.error();
  auto id_token = MakeIdToken(subject, client, ports);
  if (!id_token.ok()) return id_token.error();
  TokenResponse response{.access_token = std::move(access_token->text),
                         .expires_in = access_token->expires_in,
                         .refresh_token = {},
                         .id_token = id_token->value_or(""),
                         .scope = subject.scope};
  records::RedeemDeviceCode record{.record_id = request.request_id,
                                   .device_code_id = code.id,
                                   .organization_id = code.organization_id,
                                   .client_row_id = code.client_row_id,
                                   .redeemed_at = ports.clock.Now(),
                                   .grant = GrantOf(subject, code),
                                   .access_token = access_token->record,
                                   .refresh_token = std::nullopt,
                                   .assertion = client.assertion};
  if (client.row->refresh_token_allowed) {
    MadeRefreshToken refresh_token = MakeRefreshToken(ports);
    response.refresh_token = std::move(refresh_token.text);
    record.refresh_token = refresh_token.record;
  }
  return domain::PendingWrite<domain::Answer<TokenResponse>>{
      std::move(record),
      [response = std::move(response)](const records::WriteResult& result) -> Redeemed {
        if (result.code == base::Code::kOk) return response;
        if (result.code == base::Code::kDenied) return ApprovalEnded();
        if (result.code == base::Code::kInvalid) return AssertionUsed();
        if (result.code == base::Code::kConflict || result.code == base::Code::kNotFound) {
          return InvalidGrant();
        }
        return domain::ErrorOf(result.code);
      }};
}

// The order of checks that good servers share: expired, denied, pending, consumed.
Redeemed Decide(const DeviceTokenRequest& request, const records::DeviceCodeRow& code,
                const Client& client, const domain::Ports& ports) {
  // An early one may be this very request, repeated by nginx after the child that redeemed it died:
  // the writer knows by the record id, and refuses every other.
  if (code.state == records::DeviceCodeState::kRedeemed) {
    return IsLateReplay(request, code) ? EndReplayedGrant(request, code, ports)
                                       : IssueFor(request, code, client, ports);
  }
  if (code.expires_at <= ports.clock.Now()) {
    return domain::Error{.code = domain::ErrorCode::kExpiredToken,
                         .description = "The device_code is over. Ask for a new one."};
  }
  if (code.state == records::DeviceCodeState::kDenied) {
    return domain::Error{.code = domain::ErrorCode::kAccessDenied,
                         .description = "The person refused."};
  }
  if (code.state == records::DeviceCodeState::kPending) return Throttled(code, ports);
  if (code.user_status != records::UserStatus::kActive) {
    return ApprovalEnded();
  }
  return IssueFor(request, code, client, ports);
}

}  // namespace

Redeemed RedeemDevice(const DeviceTokenRequest& request, const domain::Ports& ports) {
  const auto client = AuthenticateClient(request.credentials, ports);
  if (!client.ok()) return client.error();
  if (request.device_code.empty()) {
    return domain::Error{.code = domain::ErrorCode::kInvalidRequest,
                         .description = "device_code is missing."};
  }
  const auto split_token = domain::DecodeSplitToken<records::DeviceCodeTag>(request.device_code);
  if (!split_token) return UnknownDeviceCode(request, ports);
  const auto code = ports.reader.FindDeviceCode(client->row->organization_id, split_token->id);
  if (!code.ok()) {
    if (code.error().code() == base::Code::kNotFound) return UnknownDeviceCode(request, ports);
    return domain::ErrorOf(code.error().code());
  }
  if (!domain::HoldsSecret(*split_token, code->secret_hash, ports.hashes))
    return UnknownDeviceCode(request, ports);
  if (code->client_row_id != client->row->id) return InvalidGrant();
  return Decide(request, *code, *client, ports);
}

}  // namespace oauth
