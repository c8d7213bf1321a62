// domain::AdminReader on a read-only connection of its own.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "domain/ports/admin_reader.h"
#include "store/read_connection.h"

namespace store {

class SqliteAdminReader final : public domain::AdminReader {
 public:
  // kUnavailable: no database at `path` yet.
  static base::Result<std::unique_ptr<SqliteAdminReader>> Open(const std::string& path);

  base::Result<std::vector<records::OrganizationRow>> ListOrganizations(
      const domain::Page& page) override;
  base::Result<records::OrganizationRow> FindOrganization(records::OrganizationId id) override;
  base::Result<records::OrganizationRow> FindOrganizationBySlug(std::string_view slug) override;
  base::Result<std::vector<records::DomainRow>> ListDomains(records::OrganizationId org) override;
  base::Result<records::DomainRow> FindDomain(std::string_view host) override;
  base::Result<records::OrganizationRow> FindOtherOfResource(records::OrganizationId org,
                                                             std::string_view resource) override;
  base::Result<std::vector<records::ServiceWithClient>> ListServices(
      records::OrganizationId org) override;
  base::Result<records::ServiceWithClient> FindService(records::OrganizationId org,
                                                       records::ServiceId id) override;
  base::Result<records::ServiceWithClient> FindServiceBySlug(records::OrganizationId org,
                                                             std::string_view slug) override;
  base::Result<std::vector<records::PlanRow>> ListPlans(records::OrganizationId org,
                                                        records::ServiceId service) override;
  base::Result<records::PlanRow> FindPlan(records::OrganizationId org, records::PlanId id) override;
  base::Result<records::PlanRow> FindPlanByName(records::OrganizationId org,
                                                records::ServiceId service,
                                                std::string_view name) override;
  base::Result<std::vector<records::UserRow>> ListUsers(records::OrganizationId org,
                                                        const domain::Page& page) override;
  base::Result<records::UserRow> FindUser(records::OrganizationId org, records::UserId id) override;
  base::Result<records::OrganizationId> FindOrganizationOfUser(records::UserId id) override;
  base::Result<records::UserRow> FindUserByEmail(records::OrganizationId org,
                                                 std::string_view email) override;
  base::Result<std::vector<records::SubscriptionRow>> ListSubscriptions(
      records::OrganizationId org, const domain::SubscriptionPage& page) override;
  base::Result<std::vector<records::SubscriptionRow>> ListSubscriptionsOfUser(
      records::OrganizationId org, records::UserId user) override;
  base::Result<records::SubscriptionRow> FindSubscription(records::OrganizationId org,
                                                          records::UserId user,
                                                          records::ServiceId service) override;
  base::Result<std::vector<records::GrantRow>> ListGrants(records::OrganizationId org,
                                                          const domain::GrantPage& page) override;
  base::Result<std::vector<records::MembershipRow>> ListMembers(
      records::OrganizationId org) override;
  base::Result<std::vector<records::SigningKeyRow>> ListSigningKeys(
      records::OrganizationId org) override;

 private:
  explicit SqliteAdminReader(const std::string& path);

  ReadConnection connection_;
};

}  // namespace store
