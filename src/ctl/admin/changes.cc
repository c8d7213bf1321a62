#include "ctl/admin/changes.h"

#include <array>
#include <utility>

#include "accounts/password_policy.h"
#include "accounts/password_text.h"
#include "ctl/print/text.h"
#include "domain/split_token.h"

namespace ctl {

namespace {

using base::Result;
using base::Status;

Status CheckService(const ServiceInput& input) {
  if (Status status = CheckSlug(input.slug); !status.ok()) return status;
  if (Status status = CheckName("the service's name", input.name); !status.ok()) return status;
  if (Status status = CheckClientId(input.client_id); !status.ok()) return status;
  return CheckClientScopes(input.default_scope, input.allowed_scope);
}

records::CreateService RecordOf(Admin& admin, const records::OrganizationRow& org,
                                const ServiceInput& input) {
  const auto id = admin.NewId<records::ServiceId>();
  return {.record_id = admin.NewId<records::RecordId>(),
          .row = {.id = id,
                  .organization_id = org.id,
                  .slug = input.slug,
                  .name = input.name,
                  .access_token_lifetime_s = input.access_token_lifetime_s,
                  .created_at = admin.Now(),
                  .resources = JoinLines(input.resources)},
          .client = {.id = admin.NewId<records::ClientRowId>(),
                     .client_id = input.client_id,
                     .organization_id = org.id,
                     .service_id = id,
                     .type = input.client_type,
                     .secret_hash = std::nullopt,
                     .refresh_token_allowed = input.refresh_token_allowed,
                     .jwks = input.jwks,
                     .issuer = input.issuer,
                     .default_scope = input.default_scope,
                     .allowed_scope = input.allowed_scope}};
}

// Of a person whose address this is.
Result<std::string> HashPassword(Admin& admin, const records::OrganizationRow& org,
                                 const std::string& email, std::string_view password) {
  const auto services = (*admin.Reader())->ListServices(org.id);
  if (!services.ok()) return services.error();
  std::vector<std::string> names;
  for (const auto& found : *services) {
    names.insert(names.end(), {found.service.slug, found.service.name});
  }
  const auto place = accounts::PlaceTextsOf({.organization_slug = org.slug,
                                             .organization_name = org.name,
                                             .service_names = names,
                                             .email = email,
                                             .public_url = admin.settings().public_url});
  if (const auto unfit = accounts::CheckNewPassword(password, password, place)) {
    return Status(base::Code::kInvalid, unfit->description);
  }
  return crypto::Argon2Hasher(admin.random()).Hash(accounts::NormalizePassword(password));
}

}  // namespace

Result<ClientSecret> DrawClientSecret(Admin& admin) {
  std::array<std::uint8_t, 32> drawn{};
  admin.random().Fill(drawn);
  std::string text = base::Base64UrlEncode(drawn);
  const auto hash = admin.Hash(base::AsBytes(text));
  if (!hash.ok()) return hash.error();
  return ClientSecret{std::move(text), *hash};
}

Result<records::OrganizationRow> AddOrganization(Admin& admin, std::string_view slug,
                                                 std::string_view name) {
  if (Status status = CheckSlug(slug); !status.ok()) return status;
  if (Status status = CheckName("the organization's name", name); !status.ok()) return status;
  const base::Time now = admin.Now();
  const records::CreateOrganization record{.record_id = admin.NewId<records::RecordId>(),
                                           .row = {.id = admin.NewId<records::OrganizationId>(),
                                                   .slug = std::string(slug),
                                                   .name = std::string(name),
                                                   .created_at = now,
                                                   .updated_at = now}};
  const auto written =
      admin.Write(record, {.not_found = {},
                           .exists = "an organization " + record.row.slug + " exists already",
                           .conflict = {},
                           .denied = {}});
  if (!written.ok()) return written.error();
  return record.row;
}

ServiceInput CommandLineService(std::string slug, std::string name, std::string client_id) {
  ServiceInput input;
  input.slug = std::move(slug);
  input.name = std::move(name);
  input.client_id = std::move(client_id);
  input.client_type = records::ClientType::kPublic;
  return input;
}

Result<AddedService> AddService(Admin& admin, const records::OrganizationRow& org,
                                const ServiceInput& given) {
  ServiceInput input = given;
  if (input.client_id.empty()) input.client_id = org.slug + "-" + input.slug;
  if (Status status = CheckService(input); !status.ok()) return status;
  if (Status status = CheckResources(admin, org.id, input.resources, input.resource_use);
      !status.ok())
    return status;
  records::CreateService record = RecordOf(admin, org, input);
  std::string secret;
  if (input.client_type == records::ClientType::kConfidential && input.jwks.empty()) {
    auto drawn = DrawClientSecret(admin);
    if (!drawn.ok()) return drawn.error();
    record.client.secret_hash = drawn->hash;
    secret = std::move(drawn->text);
  }
  const auto written = admin.Write(
      record,
      {.not_found = "the organization " + org.slug + ", or the domain of the issuer, is gone",
       .exists = "a service " + record.row.slug + " exists in " + org.slug +
                 " already, or the client_id " + record.client.client_id +
                 " is taken (client_ids are unique in the whole server)",
       .conflict = {},
       .denied = {}});
  if (!written.ok()) return written.error();
  return AddedService{record.row, record.client, std::move(secret)};
}

Result<records::PlanRow> AddPlan(Admin& admin, const records::ServiceRow& service,
                                 const PlanInput& input) {
  if (Status status = CheckName("the plan's name", input.name); !status.ok()) return status;
  const auto currency = NormalizeCurrency(input.currency);
  if (!currency.ok()) return currency.error();
  if (Status status = CheckFeatures(input.features); !status.ok()) return status;
  const records::CreatePlan record{.record_id = admin.NewId<records::RecordId>(),
                                   .row = {.id = admin.NewId<records::PlanId>(),
                                           .organization_id = service.organization_id,
                                           .service_id = service.id,
                                           .name = input.name,
                                           .price_cents = input.price_cents,
                                           .currency = *currency,
                                           .features = JoinLines(input.features),
                                           .created_at = admin.Now()}};
  const auto written = admin.Write(
      record, {.not_found = "no service " + service.slug,
               .exists = "a plan " + record.row.name + " exists in " + service.slug + " already",
               .conflict = {},
               .denied = {}});
  if (!written.ok()) return written.error();
  return record.row;
}

Result<records::UserRow> AddUser(Admin& admin, const records::OrganizationRow& org,
                                 std::string_view email, const std::optional<std::string>& password,
                                 EmailState email_state) {
  const auto address = NormalizeEmail(email);
  if (!address.ok()) return address.error();
  const auto hash =
      password ? HashPassword(admin, org, *address, *password) : Result<std::string>(std::string());
  if (!hash.ok()) return hash.error();
  const base::Time now = admin.Now();
  const records::CreateUser record{.record_id = admin.NewId<records::RecordId>(),
                                   .row = {.id = admin.NewId<records::UserId>(),
                                           .organization_id = org.id,
                                           .email = *address,
                                           .email_verified = email_state == EmailState::kVerified,
                                           .password_hash = *hash,
                                           .unlocked_at = {},
                                           .created_at = now,
                                           .updated_at = now}};
  const auto written = admin.Write(
      record, {.not_found = "no organization " + org.slug,
               .exists = "a user " + record.row.email + " exists in " + org.slug + " already",
               .conflict = {},
               .denied = {}});
  if (!written.ok()) return written.error();
  return record.row;
}

Result<records::SubscriptionRow> AddSubscription(Admin& admin, const records::UserRow& user,
                                                 const records::PlanRow& plan,
                                                 records::SubscriptionStatus status,
                                                 std::optional<base::Time> current_period_end) {
  const records::CreateSubscription record{.record_id = admin.NewId<records::RecordId>(),
                                           .row = {.id = admin.NewId<records::SubscriptionId>(),
                                                   .organization_id = user.organization_id,
                                                   .user_id = user.id,
                                                   .service_id = plan.service_id,
                                                   .plan_id = plan.id,
                                                   .status = status,
                                                   .current_period_end = current_period_end,
                                                   .created_at = admin.Now()}};
  const auto written = admin.Write(
      record, {.not_found = "the user or the plan is gone",
               .exists = user.email + " has a subscription to this service already: change it with "
                                      "`latchkey subscription update`",
               .conflict = {},
               .denied = {}});
  if (!written.ok()) return written.error();
  return record.row;
}

Status AddMembership(Admin& admin, const records::UserRow& user,
                     records::OrganizationId organization, records::Role role) {
  const records::CreateMembership record{.record_id = admin.NewId<records::RecordId>(),
                                         .user_id = user.id,
                                         .organization_id = organization,
                                         .role = role,
                                         .created_at = admin.Now()};
  return admin
      .Write(record, {.not_found = "the user or the organization is gone",
                      .exists = user.email + " is a member already",
                      .conflict = {},
                      .denied = {}})
      .status();
}

Result<PasswordLink> AddPasswordLink(Admin& admin, const records::UserRow& user) {
  domain::Secret secret{};
  admin.random().Fill(secret);
  const auto secret_hash = admin.Hash(secret);
  if (!secret_hash.ok()) return secret_hash.error();
  const records::CreatePasswordLink record{
      .record_id = admin.NewId<records::RecordId>(),
      .password_link_id = admin.NewId<records::PasswordLinkId>(),
      .organization_id = user.organization_id,
      .user_id = user.id,
      .secret_hash = *secret_hash,
      .expires_at = admin.Now() + base::seconds(admin.settings().password_link_s)};
  const auto written = admin.Write(
      record, {.not_found = "the user is gone", .exists = {}, .conflict = {}, .denied = {}});
  if (!written.ok()) return written.error();
  return PasswordLink{.url = admin.settings().public_url + "/set-password?token=" +
                             domain::EncodeSplitToken(record.password_link_id, secret),
                      .expires_at = record.expires_at};
}

}  // namespace ctl
