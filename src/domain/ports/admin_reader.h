// The reads of administration: lists and look-ups by the names that people type. Every read stands alone and sees the
// newest committed state. Not thread-safe. Errors of all: kNotFound names what is missing; kUnavailable (no database,
// or busy for longer than two seconds); kCorrupt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "records/rows.h"

namespace domain {

// A part of a long list, in the order of its key.
struct Page {
  std::string after;  // the key of the last row of the page before; empty: from the start
  std::int64_t limit = 100;
};

// Parts of lists in the order of their ids, which is that of time. Absent: no bound.
struct SubscriptionPage {
  std::optional<records::UserId> user = std::nullopt;
  std::optional<records::SubscriptionId> after = std::nullopt;  // the last row of the page before
  std::int64_t limit = 100;
};
struct GrantPage {
  std::optional<records::UserId> user = std::nullopt;
  // Leaves out what was revoked or expired by then.
  std::optional<base::Time> live_at = std::nullopt;
  std::optional<records::GrantId> after = std::nullopt;
  std::int64_t limit = 100;
};

class AdminReader {
 public:
  virtual ~AdminReader() = default;

  // By slug.
  virtual base::Result<std::vector<records::OrganizationRow>> ListOrganizations(
      const Page& page) = 0;
  virtual base::Result<records::OrganizationRow> FindOrganization(records::OrganizationId id) = 0;
  virtual base::Result<records::OrganizationRow> FindOrganizationBySlug(std::string_view slug) = 0;

  // By host.
  virtual base::Result<std::vector<records::DomainRow>> ListDomains(
      records::OrganizationId org) = 0;
  virtual base::Result<records::DomainRow> FindDomain(std::string_view host) = 0;

  // Another organization one of whose services has this resource, whatever the case of its letters; kNotFound: none.
  virtual base::Result<records::OrganizationRow> FindOtherOfResource(records::OrganizationId org,
                                                                     std::string_view resource) = 0;

  // By slug.
  virtual base::Result<std::vector<records::ServiceWithClient>> ListServices(
      records::OrganizationId org) = 0;
  virtual base::Result<records::ServiceWithClient> FindService(records::OrganizationId org,
                                                               records::ServiceId id) = 0;
  virtual base::Result<records::ServiceWithClient> FindServiceBySlug(records::OrganizationId org,
                                                                     std::string_view slug) = 0;

  // By name.
  virtual base::Result<std::vector<records::PlanRow>> ListPlans(records::OrganizationId org,
                                                                records::ServiceId service) = 0;
  virtual base::Result<records::PlanRow> FindPlan(records::OrganizationId org,
                                                  records::PlanId id) = 0;
  virtual base::Result<records::PlanRow> FindPlanByName(records::OrganizationId org,
                                                        records::ServiceId service,
                                                        std::string_view name) = 0;

  // By e-mail.
  virtual base::Result<std::vector<records::UserRow>> ListUsers(records::OrganizationId org,
                                                                const Page& page) = 0;
  virtual base::Result<records::UserRow> FindUser(records::OrganizationId org,
                                                  records::UserId id) = 0;
  // Whosever user it is: ids are the server's.
  virtual base::Result<records::OrganizationId> FindOrganizationOfUser(records::UserId id) = 0;
  virtual base::Result<records::UserRow> FindUserByEmail(records::OrganizationId org,
                                                         std::string_view email) = 0;

  // Oldest first.
  virtual base::Result<std::vector<records::SubscriptionRow>> ListSubscriptions(
      records::OrganizationId org, const SubscriptionPage& page) = 0;
  // Few: one a service.
  virtual base::Result<std::vector<records::SubscriptionRow>> ListSubscriptionsOfUser(
      records::OrganizationId org, records::UserId user) = 0;
  virtual base::Result<records::SubscriptionRow> FindSubscription(records::OrganizationId org,
                                                                  records::UserId user,
                                                                  records::ServiceId service) = 0;

  // Newest first; revoked and expired ones too, until they are swept.
  virtual base::Result<std::vector<records::GrantRow>> ListGrants(records::OrganizationId org,
                                                                  const GrantPage& page) = 0;

  // Who administers an organization, by role; for kPlatformOrganizationId who owns the platform.
  virtual base::Result<std::vector<records::MembershipRow>> ListMembers(
      records::OrganizationId org) = 0;

  // Newest first.
  virtual base::Result<std::vector<records::SigningKeyRow>> ListSigningKeys(
      records::OrganizationId org) = 0;
};

}  // namespace domain
