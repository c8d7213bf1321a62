#include "records/writes.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace records {
namespace {

enum class Pools : bool { kMayNot, kMay };
enum class Directory : bool { kStays, kChanges };

struct Rule {
  std::string_view name;
  Pools pools;
  Directory directory;
};

// docs/security.md: a pool that was taken over may go through the flows of people and devices, and may
// not change the directory, rotate keys, make users or owners, or hand out links that set passwords.
constexpr std::array kRules{
    Rule{"CreateDeviceCode", Pools::kMay, Directory::kStays},
    Rule{"DecideDeviceCode", Pools::kMay, Directory::kStays},
    Rule{"RedeemDeviceCode", Pools::kMay, Directory::kStays},
    Rule{"RotateRefreshToken", Pools::kMay, Directory::kStays},
    Rule{"RevokeGrant", Pools::kMay, Directory::kStays},
    Rule{"RevokeUserGrants", Pools::kMayNot, Directory::kStays},
    Rule{"CreateSession", Pools::kMay, Directory::kStays},
    Rule{"EndSession", Pools::kMay, Directory::kStays},
    Rule{"RedeemPasswordLink", Pools::kMay, Directory::kStays},
    Rule{"Probe", Pools::kMay, Directory::kStays},
    Rule{"CreatePasswordLink", Pools::kMayNot, Directory::kStays},
    Rule{"CreateUser", Pools::kMayNot, Directory::kStays},
    Rule{"UpdateUser", Pools::kMayNot, Directory::kStays},
    Rule{"DeleteUser", Pools::kMayNot, Directory::kStays},
    Rule{"CreateSubscription", Pools::kMayNot, Directory::kStays},
    Rule{"UpdateSubscription", Pools::kMayNot, Directory::kStays},
    Rule{"DeleteSubscription", Pools::kMayNot, Directory::kStays},
    Rule{"CreateMembership", Pools::kMayNot, Directory::kStays},
    Rule{"CreateOrganization", Pools::kMayNot, Directory::kChanges},
    Rule{"UpdateOrganization", Pools::kMayNot, Directory::kChanges},
    Rule{"DeleteOrganization", Pools::kMayNot, Directory::kChanges},
    Rule{"CreateService", Pools::kMayNot, Directory::kChanges},
    Rule{"UpdateService", Pools::kMayNot, Directory::kChanges},
    Rule{"DeleteService", Pools::kMayNot, Directory::kChanges},
    Rule{"CreatePlan", Pools::kMayNot, Directory::kChanges},
    Rule{"UpdatePlan", Pools::kMayNot, Directory::kChanges},
    Rule{"DeletePlan", Pools::kMayNot, Directory::kChanges},
    Rule{"CreateDomain", Pools::kMayNot, Directory::kChanges},
    Rule{"DeleteDomain", Pools::kMayNot, Directory::kChanges},
    Rule{"CreateSigningKey", Pools::kMayNot, Directory::kChanges},
    Rule{"PromoteSigningKey", Pools::kMayNot, Directory::kChanges},
    Rule{"RecordFailedSignIn", Pools::kMay, Directory::kStays},
    Rule{"DeleteSigningKey", Pools::kMayNot, Directory::kChanges},
    Rule{"ReplacePasswordHash", Pools::kMay, Directory::kStays},
    Rule{"ImportUser", Pools::kMayNot, Directory::kStays},
    Rule{"RecordChildDeath", Pools::kMay, Directory::kStays},
};

template <std::size_t... kIndex>
std::vector<Write> OneOfEach(std::index_sequence<kIndex...>) {
  return {Write(std::in_place_index<kIndex>)...};
}
std::vector<Write> OneOfEach() {
  return OneOfEach(std::make_index_sequence<std::variant_size_v<Write>>());
}

const Rule* RuleOf(const Write& write) {
  for (const Rule& rule : kRules) {
    if (rule.name == NameOf(write)) return &rule;
  }
  return nullptr;
}

TEST(Writes, EachHasARuleOfItsOwn) {
  EXPECT_EQ(kRules.size(), OneOfEach().size());
  for (const Write& write : OneOfEach()) EXPECT_NE(RuleOf(write), nullptr) << NameOf(write);
}

TEST(Writes, PoolsMaySendWhatPeopleAndDevicesDoAndNothingElse) {
  for (const Write& write : OneOfEach()) {
    const Rule* rule = RuleOf(write);
    ASSERT_NE(rule, nullptr) << NameOf(write);
    EXPECT_EQ(MaySend(kWebSender, write.index()), rule->pools == Pools::kMay) << rule->name;
  }
}

TEST(Writes, AnOperatorMaySendAll) {
  for (const Write& write : OneOfEach()) {
    EXPECT_TRUE(MaySend(kOperatorSender, write.index())) << NameOf(write);
  }
}

TEST(Writes, ThoseOfRowsThatWorkersKeepChangeTheDirectory) {
  for (const Write& write : OneOfEach()) {
    const Rule* rule = RuleOf(write);
    ASSERT_NE(rule, nullptr) << NameOf(write);
    EXPECT_EQ(ChangesDirectory(write), rule->directory == Directory::kChanges) << rule->name;
  }
}

// The rules are found by name, so a name must stand for its own type.
TEST(Writes, AreNamedAsTheirTypes) {
  EXPECT_EQ(NameOf(CreateDeviceCode{}), "CreateDeviceCode");
  EXPECT_EQ(NameOf(CreatePasswordLink{}), "CreatePasswordLink");
  EXPECT_EQ(NameOf(RedeemPasswordLink{}), "RedeemPasswordLink");
  EXPECT_EQ(NameOf(CreateMembership{}), "CreateMembership");
  EXPECT_EQ(NameOf(PromoteSigningKey{}), "PromoteSigningKey");
  EXPECT_EQ(NameOf(Probe{}), "Probe");
}

TEST(Writes, AreKnownByTheirRecordId) {
  Probe probe;
  probe.record_id.bytes[15] = 7;
  EXPECT_EQ(RecordIdOf(probe), probe.record_id);
}

}  // namespace
}  // namespace records
