// The changes that subcommands, `init` and `demo` share: each checks its input, draws ids and
// secrets, sends one record and returns what was made. Errors: kInvalid (input), kExists,
// kNotFound, kUnavailable, each with a sentence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/admin/admin.h"
#include "ctl/admin/resources.h"
#include "records/rows.h"

namespace ctl {

base::Result<records::OrganizationRow> AddOrganization(Admin& admin, std::string_view slug,
                                                       std::string_view name);

struct ServiceInput {
  std::string slug;
  std::string name;
  std::string client_id;  // empty: ORG-SLUG
  records::ClientType client_type = records::ClientType::kPublic;
  std::vector<std::string> resources;
  ResourceUse resource_use = ResourceUse::kOwn;
  std::string jwks;    // of a confidential client: its keys instead of a secret
  std::string issuer;  // a reference to it (domain/issuer.h), empty: public_url
  std::int64_t access_token_lifetime_s = 0;
  bool refresh_token_allowed = true;
  std::string default_scope = {};  // words of oauth/scope.h with blanks between
  std::string allowed_scope = {};  // empty: all
};
// A program for the terminal: a public client, and no address to send a browser to.
ServiceInput CommandLineService(std::string slug, std::string name, std::string client_id);
struct AddedService {
  records::ServiceRow service;
  records::ClientRow client;
  std::string client_secret;  // of a confidential client, shown once
};
base::Result<AddedService> AddService(Admin& admin, const records::OrganizationRow& org,
                                      const ServiceInput& input);

struct PlanInput {
  std::string name;
  std::int64_t price_cents = 0;
  std::string currency;
  std::vector<std::string> features;
};
base::Result<records::PlanRow> AddPlan(Admin& admin, const records::ServiceRow& service,
                                       const PlanInput& input);

enum class EmailState : std::uint8_t { kVerified, kUnverified };

// nullopt: no password yet; the user sets one through a link.
base::Result<records::UserRow> AddUser(Admin& admin, const records::OrganizationRow& org,
                                       std::string_view email,
                                       const std::optional<std::string>& password,
                                       EmailState email_state = EmailState::kVerified);

base::Result<records::SubscriptionRow> AddSubscription(
    Admin& admin, const records::UserRow& user, const records::PlanRow& plan,
    records::SubscriptionStatus status, std::optional<base::Time> current_period_end);

// A user of `platform` administers an organization; owner of `platform` itself: of all.
base::Status AddMembership(Admin& admin, const records::UserRow& user,
                           records::OrganizationId organization, records::Role role);

struct PasswordLink {
  std::string url;
  base::Time expires_at;
};
// PUBLIC_URL/set-password?token=…; works once, earlier unused links of the user end.
base::Result<PasswordLink> AddPasswordLink(Admin& admin, const records::UserRow& user);

// 32 random bytes as base64url, and the SHA-256 of that text: what is shown and what is stored.
struct ClientSecret {
  std::string text;
  records::Sha256 hash{};
};
base::Result<ClientSecret> DrawClientSecret(Admin& admin);

}  // namespace ctl
