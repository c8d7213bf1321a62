#include "store/admin_reader.h"

#include <optional>

#include "store/row_readers.h"

namespace store {

namespace {

using base::Result;
using base::Time;
using records::OrganizationId;
using std::string_view;
using std::vector;

constexpr base::milliseconds kBusyTimeout{2000};

constexpr string_view kOrganizationsAfter = " WHERE o.slug > ?1 ORDER BY o.slug LIMIT ?2";

constexpr string_view kDomainsOfOrganization = " WHERE n.organization_id = ?1 ORDER BY n.host";

constexpr string_view kJoinClient =
    " JOIN clients c ON c.service_id = s.id AND c.organization_id = s.organization_id";
constexpr string_view kOfOrganization = " WHERE s.organization_id = ?1 ORDER BY s.slug";
constexpr string_view kByServiceSlug = " WHERE s.organization_id = ?1 AND s.slug = ?2";

constexpr string_view kPlansOfService =
    " WHERE p.organization_id = ?1 AND p.service_id = ?2 ORDER BY p.name";
constexpr string_view kByPlanName =
    " WHERE p.organization_id = ?1 AND p.service_id = ?2 AND p.name = ?3";

constexpr string_view kUsersAfter =
    " WHERE u.organization_id = ?1 AND u.email > ?2 ORDER BY u.email LIMIT ?3";

constexpr string_view kSubscriptionsAfter =
    " WHERE b.organization_id = ?1 AND (?2 IS NULL OR b.user_id = ?2) AND (?3 IS NULL OR b.id > ?3)"
    " ORDER BY b.id LIMIT ?4";

// Along the table's key, which a page of a list cannot go.
constexpr string_view kOfSubscriber =
    " WHERE b.user_id = ?1 AND b.organization_id = ?2 ORDER BY b.service_id";

constexpr string_view kSelectGrant = kSelectOf<records::GrantRow>;
constexpr string_view kGrantsAfter =
    " WHERE e.organization_id = ?1 AND (?2 IS NULL OR e.user_id = ?2)"
    " AND (?3 IS NULL OR (e.revoked_at IS NULL AND e.expires_at > ?3))"
    " AND (?4 IS NULL OR e.id < ?4)"
    " ORDER BY e.id DESC LIMIT ?5";

// The user of a membership is one of the platform's, whatever the organization is.
constexpr string_view kSelectMembership =
    "SELECT m.user_id, m.organization_id, m.role, m.created_at, u.email, o.slug FROM memberships m"
    " JOIN users u ON u.id = m.user_id AND u.organization_id = ?2"
    " JOIN organizations o ON o.id = m.organization_id";
constexpr string_view kMembersOfOrganization =
    " WHERE m.organization_id = ?1 ORDER BY m.role, u.email";

constexpr string_view kKeysOfOrganization = " WHERE k.organization_id = ?1 ORDER BY k.id DESC";
constexpr string_view kOrganizationOfUser = "SELECT organization_id FROM users WHERE id = ?1";

// Services with a resource are few, and this is asked by people alone.
constexpr string_view kOtherOfResource =
    " WHERE o.id <> ?1 AND EXISTS (SELECT 1 FROM services s WHERE s.organization_id = o.id AND "
    "s.resources <> ''"
    " AND instr(char(10) || lower(s.resources) || char(10), char(10) || lower(?2) || char(10)) > 0)"
    " ORDER BY o.slug LIMIT 1";

}  // namespace

SqliteAdminReader::SqliteAdminReader(const std::string& path)
    : connection_({.path = path, .cache_kb = 1024, .mmap_bytes = 0}, kBusyTimeout) {}

Result<std::unique_ptr<SqliteAdminReader>> SqliteAdminReader::Open(const std::string& path) {
  std::unique_ptr<SqliteAdminReader> reader(new SqliteAdminReader(path));
  const auto platform = reader->FindOrganization(records::kPlatformOrganizationId);
  if (!platform.ok()) return platform.error();
  return reader;
}

Result<vector<records::OrganizationRow>> SqliteAdminReader::ListOrganizations(
    const domain::Page& page) {
  return connection_.FindAll(kJoined<kSelectOrganization, kOrganizationsAfter>,
                             ReadRow<records::OrganizationRow>, page.after, page.limit);
}

Result<records::OrganizationRow> SqliteAdminReader::FindOrganization(OrganizationId id) {
  return connection_.FindOne("organization", kJoined<kSelectOrganization, kByOrganization>,
                             ReadRow<records::OrganizationRow>, id);
}

Result<records::OrganizationRow> SqliteAdminReader::FindOrganizationBySlug(string_view slug) {
  return connection_.FindOne("organization", kJoined<kSelectOrganization, kBySlug>,
                             ReadRow<records::OrganizationRow>, slug);
}

Result<vector<records::DomainRow>> SqliteAdminReader::ListDomains(OrganizationId org) {
  return connection_.FindAll(kJoined<kSelectDomain, kDomainsOfOrganization>,
                             ReadRow<records::DomainRow>, org);
}

Result<records::DomainRow> SqliteAdminReader::FindDomain(string_view host) {
  return connection_.FindOne("domain", kJoined<kSelectDomain, kByHost>, ReadRow<records::DomainRow>,
                             host);
}

Result<records::OrganizationRow> SqliteAdminReader::FindOtherOfResource(OrganizationId org,
                                                                        string_view resource) {
  return connection_.FindOne("organization", kJoined<kSelectOrganization, kOtherOfResource>,
                             ReadRow<records::OrganizationRow>, org, resource);
}

Result<vector<records::ServiceWithClient>> SqliteAdminReader::ListServices(OrganizationId org) {
  return connection_.FindAll(kJoined<kSelect, kServiceColumns, kComma, kClientColumns,
                                     kFromServices, kJoinClient, kOfOrganization>,
                             ReadRow<records::ServiceWithClient>, org);
}

Result<records::ServiceWithClient> SqliteAdminReader::FindService(OrganizationId org,
                                                                  records::ServiceId id) {
  return connection_.FindOne("service",
                             kJoined<kSelect, kServiceColumns, kComma, kClientColumns,
                                     kFromServices, kJoinClient, kByService>,
                             ReadRow<records::ServiceWithClient>, id, org);
}

Result<records::ServiceWithClient> SqliteAdminReader::FindServiceBySlug(OrganizationId org,
                                                                        string_view slug) {
  return connection_.FindOne("service",
                             kJoined<kSelect, kServiceColumns, kComma, kClientColumns,
                                     kFromServices, kJoinClient, kByServiceSlug>,
                             ReadRow<records::ServiceWithClient>, org, slug);
}

Result<vector<records::PlanRow>> SqliteAdminReader::ListPlans(OrganizationId org,
                                                              records::ServiceId service) {
  return connection_.FindAll(kJoined<kSelectPlan, kPlansOfService>, ReadRow<records::PlanRow>, org,
                             service);
}

Result<records::PlanRow> SqliteAdminReader::FindPlan(OrganizationId org, records::PlanId id) {
  return connection_.FindOne("plan", kJoined<kSelectPlan, kByPlan>, ReadRow<records::PlanRow>, id,
                             org);
}

Result<records::PlanRow> SqliteAdminReader::FindPlanByName(OrganizationId org,
                                                           records::ServiceId service,
                                                           string_view name) {
  return connection_.FindOne("plan", kJoined<kSelectPlan, kByPlanName>, ReadRow<records::PlanRow>,
                             org, service, name);
}

Result<vector<records::UserRow>> SqliteAdminReader::ListUsers(OrganizationId org,
                                                              const domain::Page& page) {
  return connection_.FindAll(kJoined<kSelectUser, kUsersAfter>, ReadRow<records::UserRow>, org,
                             page.after, page.limit);
}

Result<records::UserRow> SqliteAdminReader::FindUser(OrganizationId org, records::UserId id) {
  return connection_.FindOne("user", kJoined<kSelectUser, kByUser>, ReadRow<records::UserRow>, id,
                             org);
}

Result<OrganizationId> SqliteAdminReader::FindOrganizationOfUser(records::UserId id) {
  return connection_.FindOne(
      "user", kOrganizationOfUser, [](Query& query) { return query.Read<OrganizationId>(); }, id);
}

Result<records::UserRow> SqliteAdminReader::FindUserByEmail(OrganizationId org, string_view email) {
  return connection_.FindOne("user", kJoined<kSelectUser, kByEmail>, ReadRow<records::UserRow>,
                             email, org);
}

Result<vector<records::SubscriptionRow>> SqliteAdminReader::ListSubscriptions(
    OrganizationId org, const domain::SubscriptionPage& page) {
  return connection_.FindAll(kJoined<kSelectSubscription, kSubscriptionsAfter>,
                             ReadRow<records::SubscriptionRow>, org, page.user, page.after,
                             page.limit);
}

Result<vector<records::SubscriptionRow>> SqliteAdminReader::ListSubscriptionsOfUser(
    OrganizationId org, records::UserId user) {
  return connection_.FindAll(kJoined<kSelectSubscription, kOfSubscriber>,
                             ReadRow<records::SubscriptionRow>, user, org);
}

Result<records::SubscriptionRow> SqliteAdminReader::FindSubscription(OrganizationId org,
                                                                     records::UserId user,
                                                                     records::ServiceId service) {
  return connection_.FindOne("subscription", kJoined<kSelectSubscription, kBySubscriber>,
                             ReadRow<records::SubscriptionRow>, user, service, org);
}

Result<vector<records::GrantRow>> SqliteAdminReader::ListGrants(OrganizationId org,
                                                                const domain::GrantPage& page) {
  return connection_.FindAll(kJoined<kSelectGrant, kGrantsAfter>, ReadRow<records::GrantRow>, org,
                             page.user, page.live_at, page.after, page.limit);
}

Result<vector<records::MembershipRow>> SqliteAdminReader::ListMembers(OrganizationId org) {
  return connection_.FindAll(kJoined<kSelectMembership, kMembersOfOrganization>,
                             ReadRow<records::MembershipRow>, org,
                             records::kPlatformOrganizationId);
}

Result<vector<records::SigningKeyRow>> SqliteAdminReader::ListSigningKeys(OrganizationId org) {
  return connection_.FindAll(kJoined<kSelectSigningKey, kKeysOfOrganization>,
                             ReadRow<records::SigningKeyRow>, org);
}

}  // namespace store
