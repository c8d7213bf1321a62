#include "domain/guess_budget.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "base/setting_rows.h"
#include "oauth/world.h"

namespace testing_oauth {
namespace {

using domain::KeyBudget;
using domain::LimitPurpose;
using domain::NetworkBudget;

constexpr base::seconds kMinute{60};

std::string AddressOfSite(std::int64_t number) {
  return "2001:db8:" + std::to_string(number) + "::1";
}

// The limits that settings allow, and those at which a product of them has no bits left in 32.
std::vector<std::int64_t> Limits() {
  std::vector<std::int64_t> limits{std::int64_t{1} << 22U, (std::int64_t{1} << 22U) + 1,
                                   std::int64_t{1} << 28U, std::int64_t{1} << 32U};
  for (const base::SettingRow& row : base::SettingRows()) {
    if (row.section == "limits" && row.most > 0) limits.push_back(row.most);
  }
  return limits;
}

// More sites of a provider than have a budget of their own: all that is counted for an address.
TEST(NetworkBudgets, OfTheLargestLimitAreNoSmallOnes) {
  for (const std::int64_t limit : Limits()) {
    EmptyWorld world;
    for (std::int64_t site = 0; site < NetworkBudget::kSitesOfAProvider + 3; ++site) {
      const NetworkBudget budget(LimitPurpose::kUnknownDeviceCode, AddressOfSite(site),
                                 {.limit = limit, .window = kMinute});
      EXPECT_FALSE(budget.SpentFor(world.ports)) << limit << " at site " << site;
      EXPECT_FALSE(budget.Take(world.ports)) << limit << " at site " << site;
      EXPECT_FALSE(budget.SpentFor(world.ports)) << limit << " at site " << site;
    }
  }
}

// 17 refused ones of a network would have been all of its site.
TEST(NetworkBudgets, WhoIsRefusedTakesNothingOfWhatTheSiteHas) {
  EmptyWorld world;
  const NetworkBudget::Bound bound{.limit = 2, .window = kMinute};
  const NetworkBudget spender(LimitPurpose::kUnknownDeviceCode, "2001:db8:5:1::1", bound);
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(spender.Take(world.ports));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(spender.Take(world.ports)) << i;
  for (int network = 2; network < 17; ++network) {
    const std::string address = "2001:db8:5:" + std::to_string(network) + "::1";
    const NetworkBudget other(LimitPurpose::kUnknownDeviceCode, address, bound);
    for (int i = 0; i < 2; ++i) EXPECT_FALSE(other.Take(world.ports)) << address;
  }
  const NetworkBudget late(LimitPurpose::kUnknownDeviceCode, "2001:db8:5:99::1", bound);
  EXPECT_TRUE(late.Take(world.ports)) << "sixteen networks had what a site has";
}

TEST(KeyBudgets, HaveAsMuchAsCanBeCountedAtMostAndNothingAtLeast) {
  EmptyWorld world;
  const domain::LimitKey key{.purpose = LimitPurpose::kSignIn, .text = "key"};
  for (const std::int64_t limit :
       {std::int64_t{1} << 32U, std::int64_t{1} << 40U, std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_FALSE(KeyBudget(key, limit, kMinute).Take(world.ports)) << limit;
  }
  EXPECT_TRUE(KeyBudget(key, 0, kMinute).Take(world.ports));
  EXPECT_TRUE(KeyBudget(key, -1, kMinute).Take(world.ports));
  world.limits.is_full = true;
  const domain::LimitKey other{.purpose = LimitPurpose::kSignIn, .text = "another"};
  EXPECT_TRUE(KeyBudget(other, std::int64_t{1} << 40U, kMinute).SpentFor(world.ports))
      << "what finds no room is spent, whatever the limit";
}

}  // namespace
}  // namespace testing_oauth
