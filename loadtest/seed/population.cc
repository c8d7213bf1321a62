#include "seed/population.h"

#include <fstream>
#include <utility>

namespace seed {

namespace {

using base::Status;

constexpr std::string_view kService = "cli";
constexpr std::string_view kPlanName = "pro";
constexpr base::seconds kPeriod{7 * 86400};

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
  Status status = plan_.organizations_path.empty() ? MakeDirectory() : ReadDirectory();
  if (status.ok()) status = MakeExpiringCodes();
  if (status.ok()) status = MakeTokens(&lines);
  if (status.ok()) status = MakePendingCodes(&lines);
  if (status.ok()) status = MakeApprovedCodes(&lines);
  if (status.ok()) status = MakeRefreshTokens(&lines);
  if (!status.ok()) return status;
  for (const Organization& organization : organizations_) {
    lines.organizations.push_back(ToLine(organization));
    lines.code_bodies.push_back(R"({"client_id":")" + organization.client_id + R"(","org":")" +
                                organization.slug + R"(","service":")" + std::string(kService) +
                                R"("})");
  }
  return lines;
}

std::string Population::EmailOf(const Organization& organization, std::size_t user) const {
  return Numbered("user", user) + "@" + organization.slug + ".example";
}

Status Population::MakeDirectory() {
  Status status = MakeOrganizations();
  if (status.ok()) status = MakeServices();
  if (status.ok()) status = MakePlansAndUsers();
  if (status.ok()) status = MakeSubscriptions();
  return status;
}

Status Population::ReadDirectory() {
  std::ifstream file(plan_.organizations_path);
  for (std::string line; std::getline(file, line);) {
    auto organization = FromLine(line);
    if (!organization || organization->users.empty()) {
      return {base::Code::kInvalid, "not an organization with users: " + line};
    }
    organizations_.push_back(std::move(*organization));
  }
  if (organizations_.empty()) {
    return {base::Code::kInvalid, plan_.organizations_path + " has no organizations"};
  }
  return {};
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
                                                 .row = {.id = organization.id,
                                                         .slug = organization.slug,
                                                         .name = organization.slug,
                                                         .created_at = now_,
                                                         .updated_at = now_}});
    if (!status.ok()) return status;
    organizations_.push_back(std::move(organization));
  }
  return sender_.Drain();
}

Status Population::MakeServices() {
  for (const Organization& organization : organizations_) {
    const Status status =
        sender_.Send(records::CreateService{.record_id = NewRecord(),
                                            .row = {.id = organization.service_id,
                                                    .organization_id = organization.id,
                                                    .slug = std::string(kService),
                                                    .name = "Command line",
                                                    .created_at = now_,
                                                    .resources = {}},
                                            .client = {.id = organization.client_row_id,
                                                       .client_id = organization.client_id,
                                                       .organization_id = organization.id,
                                                       .service_id = organization.service_id,
                                                       .type = records::ClientType::kPublic,
                                                       .secret_hash = std::nullopt,
                                                       .jwks = {},
                                                       .issuer = {},
                                                       .default_scope = std::string(kScope),
                                                       .allowed_scope = {}}});
    if (!status.ok()) return status;
  }
  return sender_.Drain();
}

Status Population::MakePlansAndUsers() {
  for (Organization& organization : organizations_) {
    Status status = sender_.Send(records::CreatePlan{.record_id = NewRecord(),
                                                     .row = {.id = organization.plan_id,
                                                             .organization_id = organization.id,
                                                             .service_id = organization.service_id,
                                                             .name = std::string(kPlanName),
                                                             .price_cents = 1900,
                                                             .currency = "EUR",
                                                             .features = "sync\nexport\nsupport",
                                                             .created_at = now_}});
    for (std::uint32_t i = 0; status.ok() && i < plan_.users_each; ++i) {
      organization.users.push_back(New<records::UserTag>());
      status = sender_.Send(records::CreateUser{.record_id = NewRecord(),
                                                .row = {.id = organization.users.back(),
                                                        .organization_id = organization.id,
                                                        .email = EmailOf(organization, i),
                                                        .email_verified = true,
                                                        .password_hash = {},
                                                        .unlocked_at = {},
                                                        .created_at = now_,
                                                        .updated_at = now_}});
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
                                      .row = {.id = New<records::SubscriptionTag>(),
                                              .organization_id = organization.id,
                                              .user_id = user,
                                              .service_id = organization.service_id,
                                              .plan_id = organization.plan_id,
                                              .status = records::SubscriptionStatus::kActive,
                                              .current_period_end = now_ + kPeriod,
                                              .created_at = now_}});
      if (!status.ok()) return status;
    }
  }
  return sender_.Drain();
}

}  // namespace seed
