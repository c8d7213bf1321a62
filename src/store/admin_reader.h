// The reads of the `latchkey` command: lists and look-ups by the names that people type, on a
// read-only connection of its own. Every read stands alone and sees the newest committed state. Not
// thread-safe. Errors of all: kNotFound names what is missing; kUnavailable (no database, or busy
// for longer than two seconds); kCorrupt.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "records/rows.h"
#include "store/read_connection.h"

namespace store {

struct ServiceWithClient {
  records::ServiceRow service;
  records::ClientRow client;
};

struct GrantRow {
  records::GrantId id;
  records::OrganizationId organization_id;
  records::UserId user_id;
  records::ClientRowId client_row_id;
  records::ServiceId service_id;
  std::string scope;
  std::string amr;
  std::string address;
  std::string device_name;
  base::Time created_at;
  base::Time expires_at;
  std::optional<base::Time> revoked_at;
};

struct MembershipRow {
  records::UserId user_id;
  records::OrganizationId organization_id;
  records::Role role = records::Role::kMember;
  base::Time created_at;
  std::string user_email;         // joined
  std::string organization_slug;  // joined
};

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
  // kUnavailable: no database at `path` yet.
  static base::Result<std::unique_ptr<AdminReader>> Open(const std::string& path);

  // By slug.
  base::Result<std::vector<records::OrganizationRow>> ListOrganizations(const Page& page);
  base::Result<records::OrganizationRow> FindOrganization(records::OrganizationId id);
  base::Result<records::OrganizationRow> FindOrganizationBySlug(std::string_view slug);

  // By host.
  base::Result<std::vector<records::DomainRow>> ListDomains(records::OrganizationId org);
  base::Result<records::DomainRow> FindDomain(std::string_view host);

  // Another organization one of whose services has this resource, whatever the case of its letters; kNotFound: none.
  base::Result<records::OrganizationRow> FindOtherOfResource(records::OrganizationId org,
                                                             std::string_view resource);

  // By slug.
  base::Result<std::vector<ServiceWithClient>> ListServices(records::OrganizationId org);
  base::Result<ServiceWithClient> FindService(records::OrganizationId org, records::ServiceId id);
  base::Result<ServiceWithClient> FindServiceBySlug(records::OrganizationId org,
                                                    std::string_view slug);

  // By name.
  base::Result<std::vector<records::PlanRow>> ListPlans(records::OrganizationId org,
                                                        records::ServiceId service);
  base::Result<records::PlanRow> FindPlan(records::OrganizationId org, records::PlanId id);
  base::Result<records::PlanRow> FindPlanByName(records::OrganizationId org,
                                                records::ServiceId service, std::string_view name);

  // By e-mail.
  base::Result<std::vector<records::UserRow>> ListUsers(records::OrganizationId org,
                                                        const Page& page);
  base::Result<records::UserRow> FindUser(records::OrganizationId org, records::UserId id);
  // Whosever user it is: ids are the server's.
  base::Result<records::OrganizationId> FindOrganizationOfUser(records::UserId id);
  base::Result<records::UserRow> FindUserByEmail(records::OrganizationId org,
                                                 std::string_view email);

  // Oldest first.
  base::Result<std::vector<records::SubscriptionRow>> ListSubscriptions(
      records::OrganizationId org, const SubscriptionPage& page);
  // Few: one a service.
  base::Result<std::vector<records::SubscriptionRow>> ListSubscriptionsOfUser(
      records::OrganizationId org, records::UserId user);
  base::Result<records::SubscriptionRow> FindSubscription(records::OrganizationId org,
                                                          records::UserId user,
                                                          records::ServiceId service);

  // Newest first; revoked and expired ones too, until they are swept.
  base::Result<std::vector<GrantRow>> ListGrants(records::OrganizationId org,
                                                 const GrantPage& page);

  // Who administers an organization, by role; for kPlatformOrganizationId who owns the platform.
  base::Result<std::vector<MembershipRow>> ListMembers(records::OrganizationId org);

  // Newest first.
  base::Result<std::vector<records::SigningKeyRow>> ListSigningKeys(records::OrganizationId org);

 private:
  explicit AdminReader(const std::string& path);

  ReadConnection connection_;
};

}  // namespace store
