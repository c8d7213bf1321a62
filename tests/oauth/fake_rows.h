// What the domain reads, for tests: rows in vectors, which a test fills and changes as it likes.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "domain/ports/directory.h"
#include "domain/ports/reader.h"

namespace testing_oauth {

// `down` makes every read kUnavailable, as without a database.
class FakeRows final : public domain::Directory, public domain::Reader {
 public:
  base::Result<const records::ClientRow*> FindClient(std::string_view client_id) override {
    return FindIf(clients, [&](const auto& row) { return row.client_id == client_id; });
  }
  base::Result<const records::ClientRow*> FindClientByRow(records::OrganizationId org,
                                                          records::ClientRowId id) override {
    return FindIf(clients,
                  [&](const auto& row) { return row.id == id && row.organization_id == org; });
  }
  base::Result<const records::OrganizationRow*> FindOrganization(
      records::OrganizationId id) override {
    return FindIf(organizations, [&](const auto& row) { return row.id == id; });
  }
  base::Result<const records::OrganizationRow*> FindOrganizationBySlug(
      std::string_view slug) override {
    return FindIf(organizations, [&](const auto& row) { return row.slug == slug; });
  }
  base::Result<const records::DomainRow*> FindDomain(std::string_view host) override {
    return FindIf(domains, [&](const auto& row) { return row.host == host; });
  }
  base::Result<const records::ServiceRow*> FindService(records::OrganizationId org,
                                                       records::ServiceId id) override {
    return FindIf(services,
                  [&](const auto& row) { return row.id == id && row.organization_id == org; });
  }
  base::Result<const records::PlanRow*> FindPlan(records::OrganizationId org,
                                                 records::PlanId id) override {
    return FindIf(plans,
                  [&](const auto& row) { return row.id == id && row.organization_id == org; });
  }
  base::Result<const std::vector<records::SigningKeyRow>*> SigningKeys(
      records::OrganizationId) override {
    return &signing_keys;
  }
  base::Result<records::DeviceCodeRow> FindDeviceCode(records::OrganizationId org,
                                                      records::DeviceCodeId id) override {
    return Copy(FindIf(
        device_codes, [&](const auto& row) { return row.id == id && row.organization_id == org; }));
  }
  base::Result<records::DeviceCodeRow> FindLiveUserCode(std::string_view user_code) override {
    return Copy(FindIf(device_codes, [&](const auto& row) { return row.user_code == user_code; }));
  }
  base::Result<records::AccessTokenRow> FindAccessToken(records::AccessTokenId id) override {
    return Copy(FindIf(access_tokens, [&](const auto& row) { return row.id == id; }));
  }
  base::Result<records::AccessTokenWithSubscription> FindAccessTokenWithSubscription(
      records::AccessTokenId id) override {
    auto token = FindAccessToken(id);
    if (!token.ok()) return token.error();
    auto subscription = FindSubscription(token->organization_id, token->user_id, token->service_id);
    return records::AccessTokenWithSubscription{*token, *subscription};
  }
  base::Result<std::optional<records::SubscriptionRow>> FindSubscription(
      records::OrganizationId org, records::UserId user, records::ServiceId service) override {
    if (down) return base::Status(base::Code::kUnavailable, "down");
    for (const auto& row : subscriptions) {
      if (row.organization_id == org && row.user_id == user && row.service_id == service) {
        return std::optional(row);
      }
    }
    return std::optional<records::SubscriptionRow>();
  }
  base::Result<std::vector<std::string>> FindServiceNames(records::OrganizationId org) override {
    if (down) return base::Status(base::Code::kUnavailable, "down");
    std::vector<std::string> names;
    for (const auto& row : services) {
      if (row.organization_id == org) names.insert(names.end(), {row.slug, row.name});
    }
    return names;
  }
  base::Result<records::RefreshTokenRow> FindRefreshToken(records::RefreshTokenId id) override {
    return Copy(FindIf(refresh_tokens, [&](const auto& row) { return row.id == id; }));
  }
  base::Result<records::UserRow> FindUser(records::OrganizationId org,
                                          records::UserId id) override {
    return Copy(
        FindIf(users, [&](const auto& row) { return row.id == id && row.organization_id == org; }));
  }
  base::Result<records::UserRow> FindUserByEmail(records::OrganizationId org,
                                                 std::string_view email) override {
    return Copy(FindIf(
        users, [&](const auto& row) { return row.email == email && row.organization_id == org; }));
  }
  base::Result<records::SessionRow> FindSession(records::OrganizationId org,
                                                records::SessionId id) override {
    return Copy(FindIf(
        sessions, [&](const auto& row) { return row.id == id && row.organization_id == org; }));
  }
  base::Result<records::PasswordLinkRow> FindPasswordLink(records::PasswordLinkId id) override {
    return Copy(FindIf(password_links, [&](const auto& row) { return row.id == id; }));
  }
  base::Result<bool> IsPlatformOwner(records::UserId) override { return false; }

  bool down = false;
  std::vector<records::OrganizationRow> organizations;
  std::vector<records::DomainRow> domains;
  std::vector<records::ServiceRow> services;
  std::vector<records::ClientRow> clients;
  std::vector<records::PlanRow> plans;
  std::vector<records::SigningKeyRow> signing_keys;
  std::vector<records::DeviceCodeRow> device_codes;
  std::vector<records::AccessTokenRow> access_tokens;
  std::vector<records::SubscriptionRow> subscriptions;
  std::vector<records::RefreshTokenRow> refresh_tokens;
  std::vector<records::UserRow> users;
  std::vector<records::SessionRow> sessions;
  std::vector<records::PasswordLinkRow> password_links;

 private:
  template <class Row, class Predicate>
  base::Result<const Row*> FindIf(const std::vector<Row>& rows, Predicate predicate) const {
    if (down) return base::Status(base::Code::kUnavailable, "down");
    const auto found = std::find_if(rows.begin(), rows.end(), predicate);
    if (found == rows.end()) return base::Status(base::Code::kNotFound, "");
    return &*found;
  }
  template <class Row>
  static base::Result<Row> Copy(const base::Result<const Row*>& found) {
    if (!found.ok()) return found.error();
    return **found;
  }
};

// Ids that tell apart by one byte, and from those that CountingIds makes.
template <class IdType>
IdType MakeId(std::uint8_t number) {
  IdType id;
  id.bytes[0] = number;
  return id;
}

}  // namespace testing_oauth
