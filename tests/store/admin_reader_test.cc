#include "store/admin_reader.h"

#include <gtest/gtest.h>

#include "store/sqlite_fixture.h"

namespace store_test {
namespace {

class AdminReaderTest : public SqliteFixture {
 protected:
  AdminReaderTest() {
    OpenWriterWithTenant();
    auto opened = store::SqliteAdminReader::Open(folder.Database());
    EXPECT_TRUE(opened.ok());
    admin = std::move(*opened);
    org = tenant.organization.row.id;
  }

  std::unique_ptr<domain::AdminReader> admin;
  records::OrganizationId org;
};

TEST_F(AdminReaderTest, SaysWhereThereIsNoDatabase) {
  EXPECT_EQ(store::SqliteAdminReader::Open(folder.path() + "/other.db").status().code(),
            Code::kUnavailable);
}

TEST_F(AdminReaderTest, ListsOrganizationsBySlugPageByPage) {
  for (const char* slug : {"zeta", "beta"}) EXPECT_EQ(Try(s.Organization(slug)), Code::kOk);
  const auto first = admin->ListOrganizations({.after = "", .limit = 2});
  ASSERT_TRUE(first.ok());
  ASSERT_EQ(first->size(), 2U);
  EXPECT_EQ((*first)[0].slug, "acme");
  EXPECT_EQ((*first)[1].slug, "beta");
  const auto rest = admin->ListOrganizations({.after = "beta", .limit = 10});
  ASSERT_EQ(rest->size(), 2U);
  EXPECT_EQ((*rest)[0].slug, "platform");
  EXPECT_EQ((*rest)[1].slug, "zeta");
  EXPECT_EQ(admin->FindOrganizationBySlug("acme")->id, org);
  EXPECT_EQ(admin->FindOrganization(org)->slug, "acme");
  EXPECT_EQ(admin->FindOrganizationBySlug("nobody").status().code(), Code::kNotFound);
}

TEST_F(AdminReaderTest, ListsServicesWithTheirClients) {
  EXPECT_EQ(Try(s.Service(org, "api", "acme-api")), Code::kOk);
  const auto services = admin->ListServices(org);
  ASSERT_TRUE(services.ok());
  ASSERT_EQ(services->size(), 2U);
  EXPECT_EQ((*services)[0].service.slug, "api");
  EXPECT_EQ((*services)[0].client.client_id, "acme-api");
  EXPECT_EQ((*services)[1].service.slug, "cli");
  EXPECT_EQ((*services)[1].client.client_id, tenant.service.client.client_id);
  EXPECT_EQ(admin->FindServiceBySlug(org, "cli")->service.id, tenant.service.row.id);
  EXPECT_EQ(admin->FindService(org, tenant.service.row.id)->client.id, tenant.service.client.id);
  EXPECT_EQ(admin->FindServiceBySlug(records::kPlatformOrganizationId, "cli").status().code(),
            Code::kNotFound);
}

TEST_F(AdminReaderTest, ListsPlansByName) {
  EXPECT_EQ(Try(s.Plan(tenant.service, "basic")), Code::kOk);
  const auto plans = admin->ListPlans(org, tenant.service.row.id);
  ASSERT_EQ(plans->size(), 2U);
  EXPECT_EQ((*plans)[0].name, "basic");
  EXPECT_EQ((*plans)[1].name, "pro");
  EXPECT_EQ(admin->FindPlanByName(org, tenant.service.row.id, "pro")->id, tenant.plan.row.id);
  EXPECT_EQ(admin->FindPlan(org, tenant.plan.row.id)->name, "pro");
}

TEST_F(AdminReaderTest, ListsUsersByEmailPageByPage) {
  EXPECT_EQ(Try(s.User(org, "bob@example.com")), Code::kOk);
  EXPECT_EQ(Try(s.User(org, "carol@example.com")), Code::kOk);
  const auto first = admin->ListUsers(org, {.after = "", .limit = 2});
  ASSERT_EQ(first->size(), 2U);
  EXPECT_EQ((*first)[0].email, "alice@example.com");
  EXPECT_EQ((*first)[1].email, "bob@example.com");
  const auto rest = admin->ListUsers(org, {.after = "bob@example.com", .limit = 2});
  ASSERT_EQ(rest->size(), 1U);
  EXPECT_EQ((*rest)[0].email, "carol@example.com");
  EXPECT_EQ(admin->FindUserByEmail(org, "alice@example.com")->id, tenant.user.row.id);
  EXPECT_EQ(admin->FindUser(org, tenant.user.row.id)->email, "alice@example.com");
  EXPECT_TRUE(admin->ListUsers(records::kPlatformOrganizationId, {})->empty());
}

TEST_F(AdminReaderTest, ListsSubscriptionsOfAnOrganizationAndOfAUser) {
  const auto all = admin->ListSubscriptions(org, {});
  ASSERT_EQ(all->size(), 1U);
  EXPECT_TRUE(admin->ListSubscriptions(org, {.after = all->back().id})->empty());
  const auto nobody = s.ids.Make<records::UserId>();
  EXPECT_TRUE(admin->ListSubscriptions(org, {.user = nobody})->empty());
  const auto of_user = admin->ListSubscriptions(org, {.user = tenant.user.row.id});
  ASSERT_EQ(of_user->size(), 1U);
  EXPECT_EQ(of_user->front().id, tenant.subscription.row.id);
  EXPECT_EQ(admin->FindSubscription(org, tenant.user.row.id, tenant.service.row.id)->plan_id,
            tenant.plan.row.id);
  EXPECT_TRUE(admin->ListSubscriptions(records::kPlatformOrganizationId, {})->empty());
}

TEST_F(AdminReaderTest, ListsGrantsNewestFirst) {
  std::vector<records::RedeemDeviceCode> redeemed;
  for (int i = 0; i < 3; ++i) {
    const auto code = s.DeviceCode(tenant, kNow + minutes(i));
    EXPECT_EQ(Try(code), Code::kOk);
    EXPECT_EQ(Try(s.Decision(tenant, code)), Code::kOk);
    redeemed.push_back(s.Redemption(tenant, code));
    EXPECT_EQ(Try(redeemed.back()), Code::kOk);
  }
  EXPECT_EQ(Try(records::RevokeGrant{.record_id = s.ids.Make<records::RecordId>(),
                                     .organization_id = org,
                                     .grant_id = redeemed[1].grant.id,
                                     .revoked_at = kNow + hours(1)}),
            Code::kOk);
  const auto grants = admin->ListGrants(org, {.user = tenant.user.row.id});
  ASSERT_TRUE(grants.ok());
  ASSERT_EQ(grants->size(), 3U);
  const records::GrantRow& newest = grants->front();
  EXPECT_EQ(newest.id, redeemed[2].grant.id);
  EXPECT_EQ(newest.user_id, tenant.user.row.id);
  EXPECT_EQ(newest.client_row_id, tenant.service.client.id);
  EXPECT_EQ(newest.service_id, tenant.service.row.id);
  EXPECT_EQ(newest.scope, redeemed[2].grant.scope);
  EXPECT_EQ(newest.address, redeemed[2].grant.address);
  EXPECT_EQ(newest.device_name, redeemed[2].grant.device_name);
  EXPECT_EQ(newest.created_at, redeemed[2].redeemed_at);
  EXPECT_EQ(newest.expires_at, redeemed[2].grant.expires_at);
  EXPECT_FALSE(newest.revoked_at.has_value());
  EXPECT_EQ((*grants)[1].revoked_at, kNow + hours(1));
  const auto page = admin->ListGrants(org, {.after = newest.id, .limit = 1});
  ASSERT_EQ(page->size(), 1U);
  EXPECT_EQ(page->front().id, redeemed[1].grant.id) << "next, and of whomever";
  const auto live = admin->ListGrants(org, {.live_at = kNow + hours(1)});
  ASSERT_EQ(live->size(), 2U) << "without the revoked one";
  EXPECT_EQ(live->back().id, redeemed[0].grant.id);
  EXPECT_TRUE(admin->ListGrants(org, {.live_at = newest.expires_at})->empty()) << "expired";
  EXPECT_TRUE(admin->ListGrants(org, {.user = s.ids.Make<records::UserId>()})->empty());
  EXPECT_TRUE(admin->ListGrants(records::kPlatformOrganizationId, {})->empty());
}

TEST_F(AdminReaderTest, ListsMembers) {
  const auto owner = s.User(records::kPlatformOrganizationId, "root@example.com");
  EXPECT_EQ(Try(owner), Code::kOk);
  for (const auto& [organization, role] :
       {std::pair{records::kPlatformOrganizationId, records::Role::kOwner},
        std::pair{org, records::Role::kMember}}) {
    EXPECT_EQ(Try(records::CreateMembership{.record_id = s.ids.Make<records::RecordId>(),
                                            .user_id = owner.row.id,
                                            .organization_id = organization,
                                            .role = role,
                                            .created_at = kNow}),
              Code::kOk);
  }
  const auto members = admin->ListMembers(org);
  ASSERT_TRUE(members.ok()) << members.error().ToString();
  ASSERT_EQ(members->size(), 1U);
  EXPECT_EQ(members->front().user_email, "root@example.com");
  EXPECT_EQ(members->front().role, records::Role::kMember);
  EXPECT_EQ(members->front().organization_slug, "acme");
}

TEST_F(AdminReaderTest, ListsKeys) {
  EXPECT_EQ(Try(s.SigningKey(org, "k1", records::SigningKeyState::kCurrent)), Code::kOk);
  const auto keys = admin->ListSigningKeys(org);
  ASSERT_EQ(keys->size(), 1U);
  EXPECT_EQ(keys->front().kid, "k1");
}

}  // namespace
}  // namespace store_test
