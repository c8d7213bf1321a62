#include "oauth/refresh.h"

#include <utility>

#include "domain/guess_budget.h"
#include "oauth/clients/client_assertion.h"
#include "oauth/grant.h"

namespace oauth {

namespace {

using Refreshed = domain::Step<domain::Answer<TokenResponse>>;
using RefreshSplitToken = domain::SplitToken<records::RefreshTokenTag>;

domain::Error InvalidGrant() {
  return {.code = domain::ErrorCode::kInvalidGrant,
          .description = "The refresh_token is unknown, over, or was issued to another client."};
}

struct Found {
  RefreshSplitToken split_token;
  records::RefreshTokenRow row;
};

domain::Answer<Found> FindRefreshToken(std::string_view text, const domain::Ports& ports) {
  if (text.empty()) {
    return domain::Error{.code = domain::ErrorCode::kInvalidRequest,
                         .description = "refresh_token is missing."};
  }
  const auto split_token = domain::DecodeSplitToken<records::RefreshTokenTag>(text);
  if (!split_token) return InvalidGrant();
  auto row = ports.reader.FindRefreshToken(split_token->id);
  if (!row.ok()) {
    if (row.error().code() == base::Code::kNotFound) return InvalidGrant();
    return domain::ErrorOf(row.error().code());
  }
  if (!domain::HoldsSecret(*split_token, row->secret_hash, ports.hashes)) return InvalidGrant();
  return Found{.split_token = *split_token, .row = std::move(*row)};
}

// A rotated token has no idle end: whoever sends it again, however late, must reach the writer, which ends
// the grant.
bool IsLive(const records::RefreshTokenRow& row, base::Time now) {
  const bool is_idle = !row.rotated_at && row.expires_at <= now;
  return !row.grant_revoked && row.user_status == records::UserStatus::kActive && !is_idle &&
         row.grant_expires_at > now;
}

Subject SubjectOf(const records::RefreshTokenRow& row, Granted granted) {
  return {.user_id = row.user_id,
          .email = row.user_email,
          .grant_id = row.grant_id,
          .issuer = row.issuer,
          .scope = std::move(granted.scope),
          .resource = std::move(granted.resource),
          .amr = row.amr,
          .auth_time = row.auth_time,
          .grant_expires_at = row.grant_expires_at};
}

domain::Spent TakeInAMinute(domain::LimitKey key, std::int64_t limit, const domain::Ports& ports) {
  if (limit == 0) return std::nullopt;
  return domain::KeyBudget(std::move(key), limit, base::seconds(60)).Take(ports);
}

// Rows and a signature each: without a bound one user could fill the disk, by all their grants. The grant
// is asked first: one that runs wild leaves its user's others something.
std::optional<domain::Error> TakeRefresh(const records::RefreshTokenRow& row,
                                         const domain::Ports& ports) {
  const base::Settings& settings = ports.settings;
  domain::Spent spent =
      TakeInAMinute(domain::GrantKey(domain::LimitPurpose::kRefresh, row.grant_id),
                    settings.refreshes_per_grant, ports);
  if (spent) return domain::TooMany("This grant refreshes too often.", *spent);
  spent = TakeInAMinute(
      domain::AccountKey(domain::LimitPurpose::kRefresh, row.organization_id, row.user_id, {}),
      settings.refreshes_per_account, ports);
  if (spent) return domain::TooMany("The grants of this user refresh too often.", *spent);
  return std::nullopt;
}

// The reply names the successor that holds, which an earlier rotation of the same parent may have
// made: its secret is the same for every rotation, only its id comes from the writer.
Refreshed Rotate(const RefreshRequest& request, const Found& found, const Client& client,
                 MadeAccessToken access_token, TokenResponse response, const domain::Ports& ports) {
  records::RefreshTokenId successor_id;
  ports.ids.Make(&successor_id);
  records::RotateRefreshToken record{
      .record_id = request.request_id,
      .organization_id = found.row.organization_id,
      .grant_id = found.row.grant_id,
      .parent_id = found.row.id,
      .successor = MakeSuccessor(found.split_token, successor_id, ports).record,
      .access_token = access_token.record,
      .rotated_at = ports.clock.Now(),
      .replay_grace = base::seconds(ports.settings.refresh_replay_grace_s),
      .assertion = client.assertion};
  response.access_token = std::move(access_token.text);
  response.expires_in = access_token.expires_in;
  return domain::PendingWrite<domain::Answer<TokenResponse>>{
      std::move(record),
      [response = std::move(response), split_token = found.split_token,
       &ports](const records::WriteResult& result) -> Refreshed {
        if (result.code == base::Code::kOk) {
          TokenResponse answer = response;
          answer.refresh_token = MakeSuccessor(split_token, {result.id}, ports).text;
          return answer;
        }
        if (result.code == base::Code::kInvalid) return AssertionUsed();
        const bool is_retryable =
            result.code == base::Code::kUnavailable || result.code == base::Code::kFull;
        return is_retryable ? domain::ErrorOf(result.code) : InvalidGrant();
      }};
}

Refreshed RefreshFound(const RefreshRequest& request, const Found& found, const Client& client,
                       const domain::Ports& ports) {
  if (!IsLive(found.row, ports.clock.Now())) return InvalidGrant();
  if (auto too_many = TakeRefresh(found.row, ports)) {
    ports.Note(domain::Event::kRefreshesLimited);
    return std::move(*too_many);
  }
  auto granted = CheckGrant(
      GrantType::kRefreshToken, {.scope = found.row.scope, .resource = found.row.resource},
      {.scope = request.scope, .resource = request.resource}, *client.row, *client.service);
  if (!granted.ok()) return granted.error();
  const Subject subject = SubjectOf(found.row, std::move(*granted));
  auto access_token = MakeAccessToken(subject, client, ports);
  if (!access_token.ok()) return access_token.error();
  auto id_token = MakeIdToken(subject, client, ports);
  if (!id_token.ok()) return id_token.error();
  return Rotate(request, found, client, std::move(*access_token),
                {.access_token = {},
                 .expires_in = {},
                 .refresh_token = {},
                 .id_token = id_token->value_or(""),
                 .scope = subject.scope},
                ports);
}

}  // namespace

Refreshed Refresh(const RefreshRequest& request, const ClientCredentials& credentials,
                  const domain::Ports& ports) {
  const auto client = AuthenticateClient(credentials, ports);
  if (!client.ok()) return client.error();
  const auto found = FindRefreshToken(request.refresh_token, ports);
  if (!found.ok()) return found.error();
  if (found->row.organization_id != client->row->organization_id ||
      found->row.client_row_id != client->row->id) {
    return InvalidGrant();
  }
  return RefreshFound(request, *found, *client, ports);
}

Refreshed RefreshWithoutClient(const RefreshRequest& request, const domain::Ports& ports) {
  const auto found = FindRefreshToken(request.refresh_token, ports);
  if (!found.ok()) return found.error();
  const auto row =
      ports.directory.FindClientByRow(found->row.organization_id, found->row.client_row_id);
  if (!row.ok())
    return row.error().code() == base::Code::kNotFound ? InvalidGrant()
                                                       : domain::ErrorOf(row.error().code());
  if ((*row)->type == records::ClientType::kConfidential || (*row)->issuer != request.issuer) {
    return InvalidGrant();
  }
  ClientCredentials nobody;
  nobody.client_id = (*row)->client_id;
  nobody.issuer = request.issuer;
  const auto client = AuthenticateClient(nobody, ports);
  if (!client.ok()) return client.error();
  return RefreshFound(request, *found, *client, ports);
}

}  // namespace oauth
