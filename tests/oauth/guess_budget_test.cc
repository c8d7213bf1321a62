#include "oauth/guess_budget.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "base/setting_rows.h"
#include "oauth/world.h"

namespace testing_oauth {
namespace {

using oauth::KeyBudget;
using oauth::LimitPurpose;
using oauth::NetworkBudget;

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

TEST(KeyBudgets, HaveAsMuchAsCanBeCountedAtMostAndNothingAtLeast) {
  EmptyWorld world;
  const oauth::LimitKey key{.purpose = LimitPurpose::kSignIn, .text = "key"};
  for (const std::int64_t limit :
       {std::int64_t{1} << 32U, std::int64_t{1} << 40U, std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_FALSE(KeyBudget(key, limit, kMinute).Take(world.ports)) << limit;
  }
  EXPECT_TRUE(KeyBudget(key, 0, kMinute).Take(world.ports));
  EXPECT_TRUE(KeyBudget(key, -1, kMinute).Take(world.ports));
  world.limits.is_full = true;
  const oauth::LimitKey other{.purpose = LimitPurpose::kSignIn, .text = "another"};
  EXPECT_TRUE(KeyBudget(other, std::int64_t{1} << 40U, kMinute).SpentFor(world.ports))
      << "what finds no room is spent, whatever the limit";
}

}  // namespace
}  // namespace testing_oauth
