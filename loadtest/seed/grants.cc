// What people were granted: device codes in every state, and the tokens that come of them.
#include <utility>
#include <variant>

#include "base/bytes.h"
#include "oauth/device/user_code.h"
#include "seed/population.h"

namespace seed {

namespace {

using base::Status;

constexpr base::seconds kTokenLifetime{7 * 86400};
constexpr base::seconds kCodeLifetime{3600};

std::string RedeemBody(std::string_view device_code, std::string_view client_id) {
  std::string body =
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=";
  return body.append(device_code).append("&client_id=").append(client_id);
}

std::string RefreshBody(std::string_view refresh_token, std::string_view client_id) {
  std::string body = "grant_type=refresh_token&refresh_token=";
  return body.append(refresh_token).append("&client_id=").append(client_id);
}

}  // namespace

// Organizations in turn, so that neighbours in the files belong to different ones.
std::vector<Population::Grant> Population::PlanGrants(std::uint32_t count) {
  std::vector<Grant> grants;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto org = static_cast<std::uint32_t>(i % organizations_.size());
    const Organization& organization = organizations_[org];
    const std::size_t user = i / organizations_.size() % organization.users.size();
    Grant grant{.organization = org,
                .user_id = organization.users[user],
                .email = EmailOf(organization, user),
                .device_code_id = New<records::DeviceCodeTag>()};
    random_.Fill(grant.secret);
    grants.push_back(std::move(grant));
  }
  return grants;
}

Status Population::SendCode(const Organization& organization, records::DeviceCodeId id,
                            const domain::Secret& secret, base::Time expires_at) {
  const records::CreateDeviceCode record{.record_id = NewRecord(),
                                         .device_code_id = id,
                                         .organization_id = organization.id,
                                         .client_row_id = organization.client_row_id,
                                         .service_id = organization.service_id,
                                         .secret_hash = hashes_.Sha256(secret),
                                         .user_code = oauth::DrawUserCode(random_),
                                         .scope = std::string(kScope),
                                         .issuer = plan_.issuer,
                                         .address = "127.0.0.1",
                                         .device_name = "latchkey-seed",
                                         .created_at = now_,
                                         .expires_at = expires_at,
                                         .resource = {}};
  return sender_.Send(record, [this](records::Write& again) {
    auto& code = std::get<records::CreateDeviceCode>(again);
    code.record_id = NewRecord();
    code.user_code = oauth::DrawUserCode(random_);
  });
}

Status Population::Decide(const Grant& grant) {
  return sender_.Send(
      records::DecideDeviceCode{.record_id = NewRecord(),
                                .device_code_id = grant.device_code_id,
                                .organization_id = organizations_[grant.organization].id,
                                .approve = true,
                                .user_id = grant.user_id,
                                .amr = "pwd",
                                .auth_time = now_,
                                .decided_at = now_});
}

// Asked for and approved, as every code that ends in tokens is.
Status Population::Approve(const std::vector<Grant>& grants) {
  for (const Grant& grant : grants) {
    const Organization& organization = organizations_[grant.organization];
    Status status =
        SendCode(organization, grant.device_code_id, grant.secret, now_ + kCodeLifetime);
    if (!status.ok()) return status;
  }
  if (Status status = sender_.Drain(); !status.ok()) return status;
  for (const Grant& grant : grants) {
    if (Status status = Decide(grant); !status.ok()) return status;
  }
  return sender_.Drain();
}

records::NewAccessToken Population::AccessToken(std::string_view text, records::AccessTokenId id) {
  return {.id = id,
          .token_hash = hashes_.Sha256(base::AsBytes(text)),
          .scope = std::string(kScope),
          .expires_at = now_ + kTokenLifetime,
          .resource = {}};
}

Status Population::Redeem(const Grant& grant, const records::NewAccessToken& access_token,
                          std::optional<records::NewRefreshToken> refresh_token) {
  const Organization& organization = organizations_[grant.organization];
  return sender_.Send(records::RedeemDeviceCode{.record_id = NewRecord(),
                                                .device_code_id = grant.device_code_id,
                                                .organization_id = organization.id,
                                                .client_row_id = organization.client_row_id,
                                                .redeemed_at = now_,
                                                .grant = {.id = New<records::GrantTag>(),
                                                          .user_id = grant.user_id,
                                                          .service_id = organization.service_id,
                                                          .scope = std::string(kScope),
                                                          .issuer = plan_.issuer,
                                                          .amr = "pwd",
                                                          .auth_time = now_,
                                                          .expires_at = now_ + kTokenLifetime,
                                                          .address = "127.0.0.1",
                                                          .device_name = "latchkey-seed",
                                                          .resource = {}},
                                                .access_token = access_token,
                                                .refresh_token = refresh_token});
}

// The writer walks over device codes in the order of their ids, which sort by time, up to the first
// that is still good. So these have ids of the day before, in the order in which they expire.
Status Population::MakeExpiringCodes() {
  const std::int64_t span = 1000 * (std::int64_t{60} + plan_.expiring_seconds);
  for (std::uint32_t i = 0; i < plan_.expiring_codes; ++i) {
    const base::Time expires_at =
        now_ - base::seconds(60) + base::milliseconds(span * i / plan_.expiring_codes);
    const records::DeviceCodeId id{crypto::NewUuidV7(expires_at - base::seconds(86400), random_)};
    const Organization& organization = organizations_[i % organizations_.size()];
    Status status = SendCode(organization, id, domain::Secret{}, expires_at);
    if (!status.ok()) return status;
  }
  return sender_.Drain();
}

Status Population::MakeTokens(Lines* lines) {
  const std::vector<Grant> grants = PlanGrants(plan_.tokens);
  if (Status status = Approve(grants); !status.ok()) return status;
  for (const Grant& grant : grants) {
    const auto id = New<records::AccessTokenTag>();
    lines->tokens.push_back(TokenText(grant, id));
    const Status status = Redeem(grant, AccessToken(lines->tokens.back(), id), std::nullopt);
    if (!status.ok()) return status;
  }
  return sender_.Drain();
}

Status Population::MakePendingCodes(Lines* lines) {
  for (std::uint32_t i = 0; i < plan_.pending_codes; ++i) {
    const Organization& organization = organizations_[i % organizations_.size()];
    const auto id = New<records::DeviceCodeTag>();
    domain::Secret secret{};
    random_.Fill(secret);
    Status status = SendCode(organization, id, secret, now_ + kCodeLifetime);
    if (!status.ok()) return status;
    lines->poll_bodies.push_back(
        RedeemBody(domain::EncodeSplitToken(id, secret), organization.client_id));
  }
  return sender_.Drain();
}

Status Population::MakeApprovedCodes(Lines* lines) {
  const std::vector<Grant> grants = PlanGrants(plan_.approved_codes);
  for (const Grant& grant : grants) {
    lines->redeem_bodies.push_back(
        RedeemBody(domain::EncodeSplitToken(grant.device_code_id, grant.secret),
                   organizations_[grant.organization].client_id));
  }
  return Approve(grants);
}

Status Population::MakeRefreshTokens(Lines* lines) {
  const std::vector<Grant> grants = PlanGrants(plan_.refresh_tokens);
  if (Status status = Approve(grants); !status.ok()) return status;
  for (const Grant& grant : grants) {
    const auto id = New<records::RefreshTokenTag>();
    domain::Secret secret{};
    random_.Fill(secret);
    lines->refresh_bodies.push_back(RefreshBody(domain::EncodeSplitToken(id, secret),
                                                organizations_[grant.organization].client_id));
    const auto access_id = New<records::AccessTokenTag>();
    const records::NewRefreshToken refresh_token{
        .id = id, .secret_hash = hashes_.Sha256(secret), .expires_at = now_ + kTokenLifetime};
    // Nobody is told the access token: its text only has to be one of a kind.
    const Status status =
        Redeem(grant, AccessToken(base::HexEncode(access_id.bytes), access_id), refresh_token);
    if (!status.ok()) return status;
  }
  return sender_.Drain();
}

}  // namespace seed
