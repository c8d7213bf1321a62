#include "seed/population.h"

#include <array>

#include "base/bytes.h"
#include "oauth/user_code.h"

namespace seed {

namespace {

using base::Status;

constexpr std::string_view kService = "cli";
constexpr std::string_view kPlanName = "pro";
constexpr base::seconds kTokenLifetime{7 * 86400};
constexpr base::seconds kCodeLifetime{3600};

std::string Numbered(std::string_view prefix, std::size_t number) {
  std::string digits = std::to_string(number + 1);
  digits.insert(0, digits.size() < 5 ? 5 - digits.size() : 0, '0');
  return std::string(prefix) + "-" + digits;
}

}  // namespace

Population::Population(Plan plan, const crypto::MasterKey& key, Sender& sender)
    : plan_(std::move(plan)),
      sender_(sender),
      hashes_(key),
      ids_(clock_, random_),
      now_(clock_.Now()) {}

base::Result<Lines> Population::Make() {
  Lines lines;
  Status status = MakeOrganizations();
  if (status.ok()) status = MakeServices();
  if (status.ok()) status = MakePlansAndUsers();
  if (status.ok()) status = MakeSubscriptions();
  if (status.ok()) status = MakeTokens(&lines);
  if (status.ok()) status = MakePendingCodes(&lines);
  if (!status.ok()) return status;
  for (const Organization& organization : organizations_) {
    lines.code_bodies.push_back(R"({"client_id":")" + organization.client_id + R"(","org":")" +
                                organization.slug + R"(","service":")" + std::string(kService) +
                                R"("})");
  }
  return lines;
}

std::string Population::EmailOf(const Organization& organization, std::size_t user) const {
  return Numbered("user", user) + "@" + organization.slug + ".example";
}

Status Population::MakeOrganizations() {
  for (std::uint32_t i = 0; i < plan_.organizations; ++i) {
    Organization organization{.id = New<records::OrganizationTag>(),
                              .service_id = New<records::ServiceTag>(),
                              .client_row_id = New<records::ClientTag>(),
                              .plan_id = New<records::PlanTag>(),
                              .slug = Numbered(plan_.prefix, i),
                              .client_id = Numbered(plan_.prefix, i) + "-cli",
                              .users = {}};
    const Status status =
        sender_.Send(records::CreateOrganization{.record_id = NewRecord(),
                                                 .organization_id = organization.id,
                                                 .slug = organization.slug,
                                                 .name = organization.slug,
                                                 .status = records::OrganizationStatus::kActive,
                                                 .created_at = now_});
    if (!status.ok()) return status;
    organizations_.push_back(std::move(organization));
  }
  return sender_.Drain();
}

Status Population::MakeServices() {
  for (const Organization& organization : organizations_) {
    const Status status =
        sender_.Send(records::CreateService{.record_id = NewRecord(),
                                            .service_id = organization.service_id,
                                            .organization_id = organization.id,
                                            .slug = std::string(kService),
                                            .name = "Command line",
                                            .type = records::ServiceType::kDesktop,
                                            .redirect_uris = {},
                                            .device_activation_uri = {},
                                            .client = {.id = organization.client_row_id,
                                                       .client_id = organization.client_id,
                                                       .type = records::ClientType::kPublic,
                                                       .secret_hash = std::nullopt,
                                                       .jwks = {}},
                                            .created_at = now_,
                                            .resources = {}});
    if (!status.ok()) return status;
  }
  return sender_.Drain();
}

Status Population::MakePlansAndUsers() {
  for (Organization& organization : organizations_) {
    Status status = sender_.Send(records::CreatePlan{.record_id = NewRecord(),
                                                     .plan_id = organization.plan_id,
                                                     .organization_id = organization.id,
                                                     .service_id = organization.service_id,
                                                     .name = std::string(kPlanName),
                                                     .price_cents = 1900,
                                                     .currency = "EUR",
                                                     .features = "sync\nexport\nsupport",
                                                     .created_at = now_});
    for (std::uint32_t i = 0; status.ok() && i < plan_.users_each; ++i) {
      organization.users.push_back(New<records::UserTag>());
      status = sender_.Send(records::CreateUser{.record_id = NewRecord(),
                                                .user_id = organization.users.back(),
                                                .organization_id = organization.id,
                                                .email = EmailOf(organization, i),
                                                .email_verified = true,
                                                .password_hash = {},
                                                .created_at = now_});
    }
    if (!status.ok()) return status;
  }
  return sender_.Drain();
}

Status Population::MakeSubscriptions() {
  for (const Organization& organization : organizations_) {
    for (const records::UserId user : organization.users) {
      const Status status = sender_.Send(
          records::CreateSubscription{.record_id = NewRecord(),
                                      .subscription_id = New<records::SubscriptionTag>(),
                                      .organization_id = organization.id,
                                      .user_id = user,
                                      .service_id = organization.service_id,
                                      .plan_id = organization.plan_id,
                                      .status = records::SubscriptionStatus::kActive,
                                      .current_period_end = now_ + kTokenLifetime,
                                      .created_at = now_});
      if (!status.ok()) return status;
    }
  }
  return sender_.Drain();
}

std::vector<Population::Grant> Population::PlanGrants() {
  std::vector<Grant> grants;
  for (std::uint32_t i = 0; i < plan_.tokens; ++i) {
    const std::uint32_t org = i % plan_.organizations;
    const std::uint32_t user = i / plan_.organizations % plan_.users_each;
    const Organization& organization = organizations_[org];
    grants.push_back({.organization = org,
                      .user_id = organization.users[user],
                      .email = EmailOf(organization, user),
                      .device_code_id = New<records::DeviceCodeTag>()});
  }
  return grants;
}

Status Population::SendCode(const Organization& organization, records::DeviceCodeId id,
                            const oauth::Secret& secret) {
  return sender_.Send(records::CreateDeviceCode{.record_id = NewRecord(),
                                                .device_code_id = id,
                                                .organization_id = organization.id,
                                                .client_row_id = organization.client_row_id,
                                                .service_id = organization.service_id,
                                                .secret_hash = hashes_.Sha256(secret),
                                                .user_code = oauth::DrawUserCode(random_),
                                                .scope = {},
                                                .issuer = plan_.issuer,
                                                .address = "127.0.0.1",
                                                .device_name = "latchkey-seed",
                                                .created_at = now_,
                                                .expires_at = now_ + kCodeLifetime,
                                                .resource = {}});
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

Status Population::Redeem(const Grant& grant, Lines* lines) {
  const Organization& organization = organizations_[grant.organization];
  const auto token_id = New<records::AccessTokenTag>();
  std::string text = TokenText(grant, token_id);
  const records::Sha256 hash = hashes_.Sha256(base::AsBytes(text));
  lines->tokens.push_back(std::move(text));
  return sender_.Send(
      records::RedeemDeviceCode{.record_id = NewRecord(),
                                .device_code_id = grant.device_code_id,
                                .organization_id = organization.id,
                                .client_row_id = organization.client_row_id,
                                .redeemed_at = now_,
                                .session = {.id = New<records::SessionTag>(),
                                            .user_id = grant.user_id,
                                            .service_id = organization.service_id,
                                            .scope = {},
                                            .issuer = plan_.issuer,
                                            .amr = "pwd",
                                            .auth_time = now_,
                                            .expires_at = now_ + kTokenLifetime,
                                            .address = "127.0.0.1",
                                            .device_name = "latchkey-seed",
                                            .resource = {}},
                                .access_token = {.id = token_id,
                                                 .token_hash = hash,
                                                 .scope = {},
                                                 .expires_at = now_ + kTokenLifetime,
                                                 .resource = {}},
                                .refresh_token = std::nullopt});
}

Status Population::MakeTokens(Lines* lines) {
  const std::vector<Grant> grants = PlanGrants();
  const oauth::Secret unused{};
  for (const Grant& grant : grants) {
    const Organization& organization = organizations_[grant.organization];
    if (Status status = SendCode(organization, grant.device_code_id, unused); !status.ok()) {
      return status;
    }
  }
  if (Status status = sender_.Drain(); !status.ok()) return status;
  for (const Grant& grant : grants) {
    if (Status status = Decide(grant); !status.ok()) return status;
  }
  if (Status status = sender_.Drain(); !status.ok()) return status;
  for (const Grant& grant : grants) {
    if (Status status = Redeem(grant, lines); !status.ok()) return status;
  }
  return sender_.Drain();
}

Status Population::MakePendingCodes(Lines* lines) {
  for (std::uint32_t i = 0; i < plan_.pending_codes; ++i) {
    const Organization& organization = organizations_[i % plan_.organizations];
    const auto id = New<records::DeviceCodeTag>();
    oauth::Secret secret{};
    random_.Fill(secret);
    if (Status status = SendCode(organization, id, secret); !status.ok()) return status;
    lines->poll_bodies.push_back(
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=" +
        oauth::EncodeHandle(id, secret) + "&client_id=" + organization.client_id);
  }
  return sender_.Drain();
}

}  // namespace seed
