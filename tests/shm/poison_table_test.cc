#include "shm/poison_table.h"

#include <gtest/gtest.h>

#include <string>

#include "shm/slots_testing.h"

namespace {

using base::NetworkOf;
using shm::PoisonTable;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing_shm::RunInProcesses;
using testing_shm::SharedWords;

constexpr seconds kDiedAt{1000};

base::IdBytes Request(unsigned number) {
  base::IdBytes id{};
  id[0] = static_cast<std::uint8_t>(number);
  id[1] = static_cast<std::uint8_t>(number >> 8U);
  return id;
}

std::string AddressNumber(unsigned number) {
  return "10.0." + std::to_string(number >> 8U) + "." + std::to_string(number & 0xffU);
}

class StoppedClock final : public base::Clock {
 public:
  explicit StoppedClock(milliseconds now) : now_(now) {}
  base::Time Now() const override { return {}; }
  milliseconds SinceBoot() const override { return now_; }

 private:
  milliseconds now_;
};

class PoisonTableTest : public testing::Test {
 protected:
  seconds Note(unsigned request, const std::string& address, milliseconds now = kDiedAt) {
    return table_.Note(Request(request), NetworkOf(address), now);
  }
  milliseconds ShutOut(const std::string& address, milliseconds now = kDiedAt) const {
    return table_.ShutOutFor(NetworkOf(address), now);
  }
  bool IsQuiet(milliseconds now) const { return table_.IsQuiet(StoppedClock(now)); }

  SharedWords words_{PoisonTable::kWords};
  PoisonTable table_{words_.words(), 1};
};

TEST_F(PoisonTableTest, KnowsNothingAtFirst) {
  EXPECT_TRUE(IsQuiet(milliseconds(0)));
  EXPECT_FALSE(table_.IsPoisonous(Request(1)));
  EXPECT_EQ(ShutOut("203.0.113.1"), seconds(0));
}

TEST_F(PoisonTableTest, KeepsTheRequestAndItsNetworkAway) {
  EXPECT_EQ(Note(1, "203.0.113.1"), seconds(10));
  EXPECT_FALSE(IsQuiet(kDiedAt));
  EXPECT_TRUE(table_.IsPoisonous(Request(1)));
  EXPECT_FALSE(table_.IsPoisonous(Request(2)));
  EXPECT_EQ(ShutOut("203.0.113.1"), seconds(10));
  EXPECT_EQ(ShutOut("203.0.113.2"), seconds(0));
}

TEST_F(PoisonTableTest, ShutsOutASubnetOfIpv6AndAMappedAddressAsIpv4) {
  Note(1, "2001:db8:0:1::1");
  Note(2, "::ffff:203.0.113.1");
  EXPECT_GT(ShutOut("2001:db8:0:1:ffff::9"), seconds(0));
  EXPECT_EQ(ShutOut("2001:db8:0:2::1"), seconds(0));
  EXPECT_GT(ShutOut("203.0.113.1"), seconds(0));
}

TEST_F(PoisonTableTest, ARequestWithoutAnAddressShutsNobodyOut) {
  EXPECT_EQ(Note(1, "unix:"), seconds(0));
  EXPECT_TRUE(table_.IsPoisonous(Request(1)));
  EXPECT_EQ(ShutOut("unix:"), seconds(0));
  EXPECT_EQ(ShutOut(""), seconds(0));
}

TEST_F(PoisonTableTest, LetsTheNetworkInWhenItsTimeIsOver) {
  Note(1, "203.0.113.1");
  EXPECT_EQ(ShutOut("203.0.113.1", kDiedAt + milliseconds(9999)), milliseconds(1));
  EXPECT_EQ(ShutOut("203.0.113.1", kDiedAt + seconds(10)), seconds(0));
}

TEST_F(PoisonTableTest, DoublesTheTimeWithEachDeathUpToTenMinutes) {
  milliseconds now = kDiedAt;
  for (const int expected : {10, 20, 40, 80, 160, 320, 600, 600, 600}) {
    EXPECT_EQ(Note(1, "203.0.113.1", now), seconds(expected));
    EXPECT_EQ(ShutOut("203.0.113.1", now), seconds(expected));
    now += seconds(expected);
    EXPECT_EQ(ShutOut("203.0.113.1", now), seconds(0));
  }
  for (int i = 0; i < 2000; ++i) EXPECT_EQ(Note(1, "203.0.113.1", now), seconds(600));
}

TEST_F(PoisonTableTest, ANetworkThatWasQuietForAnHourBeginsAnew) {
  EXPECT_EQ(Note(1, "203.0.113.1"), seconds(10));
  EXPECT_EQ(Note(1, "203.0.113.1", kDiedAt + seconds(3599)), seconds(20));
  EXPECT_EQ(Note(1, "203.0.113.1", kDiedAt + seconds(3599 + 3600)), seconds(10));
}

TEST_F(PoisonTableTest, IsQuietAgainWhenNothingHoldsAnyMore) {
  Note(1, "203.0.113.1");
  EXPECT_FALSE(IsQuiet(kDiedAt + PoisonTable::kRequestKept - milliseconds(1)));
  EXPECT_TRUE(IsQuiet(kDiedAt + PoisonTable::kRequestKept));
  for (int i = 0; i < 9; ++i) Note(1, "203.0.113.1");
  EXPECT_FALSE(IsQuiet(kDiedAt + seconds(599)));
  Note(2, "203.0.113.2");  // for less time than the others
  EXPECT_FALSE(IsQuiet(kDiedAt + seconds(599)));
  EXPECT_TRUE(IsQuiet(kDiedAt + seconds(600)));
}

TEST_F(PoisonTableTest, HoldsAThousandNetworksAndTheOldestGoes) {
  for (unsigned i = 0; i < PoisonTable::kPlaces; ++i) {
    Note(i, AddressNumber(i), kDiedAt + milliseconds(i));
  }
  for (unsigned i = 0; i < PoisonTable::kPlaces; ++i) {
    EXPECT_GT(ShutOut(AddressNumber(i), kDiedAt + seconds(5)), seconds(0)) << i;
    EXPECT_TRUE(table_.IsPoisonous(Request(i)));
  }
  Note(0, AddressNumber(0), kDiedAt + seconds(2));  // is the youngest now
  Note(5000, AddressNumber(5000), kDiedAt + seconds(3));
  EXPECT_GT(ShutOut(AddressNumber(5000), kDiedAt + seconds(5)), seconds(0));
  EXPECT_GT(ShutOut(AddressNumber(0), kDiedAt + seconds(5)), seconds(0));
  EXPECT_EQ(ShutOut(AddressNumber(1), kDiedAt + seconds(5)), seconds(0)) << "the oldest";
  EXPECT_GT(ShutOut(AddressNumber(2), kDiedAt + seconds(5)), seconds(0));
  EXPECT_TRUE(table_.IsPoisonous(Request(5000)));
  EXPECT_FALSE(table_.IsPoisonous(Request(1))) << "its place went to the 1,026th";
}

TEST_F(PoisonTableTest, TheOldestIsTheOneOfTheOldestDeathNotOfTheShortestBan) {
  for (int i = 0; i < 8; ++i) Note(1, AddressNumber(0));  // shut out for ten minutes, then silent
  for (unsigned i = 1; i < PoisonTable::kPlaces; ++i) {
    Note(i, AddressNumber(i), kDiedAt + seconds(1));
  }
  Note(1, AddressNumber(5000), kDiedAt + seconds(2));
  EXPECT_EQ(ShutOut(AddressNumber(0), kDiedAt + seconds(2)), seconds(0));
  EXPECT_GT(ShutOut(AddressNumber(1), kDiedAt + seconds(2)), seconds(0));
}

TEST_F(PoisonTableTest, AllProcessesSeeIt) {
  RunInProcesses(4, [&](int i) {
    PoisonTable mine(words_.words(), 1);
    const auto number = static_cast<unsigned>(i);
    for (unsigned n = 0; n < 100; ++n) {
      mine.Note(Request(100 * number + n), NetworkOf(AddressNumber(number)), kDiedAt);
    }
  });
  for (unsigned i = 0; i < 4; ++i) EXPECT_EQ(ShutOut(AddressNumber(i)), seconds(600));
  for (unsigned i = 0; i < 400; ++i) EXPECT_TRUE(table_.IsPoisonous(Request(i)));
}

TEST_F(PoisonTableTest, OfAnEarlierBootIsForgotten) {
  Note(1, "203.0.113.1", seconds(100000));
  const PoisonTable after(words_.words(), 2);
  EXPECT_TRUE(after.IsQuiet(StoppedClock(seconds(1))));
  EXPECT_FALSE(after.IsPoisonous(Request(1)));
  EXPECT_EQ(after.ShutOutFor(NetworkOf("203.0.113.1"), seconds(1)), seconds(0));
}

TEST_F(PoisonTableTest, HoldsHashesUnderASecretOfItsOwn) {
  SharedWords others{PoisonTable::kWords};
  PoisonTable other(others.words(), 1);
  Note(1, "203.0.113.1");
  other.Note(Request(1), NetworkOf("203.0.113.1"), kDiedAt);
  int same = 0;
  for (std::size_t i = 8; i < 8 + 2 * PoisonTable::kPlaces; ++i) {
    same += words_[i] != 0 && words_[i] == others[i] ? 1 : 0;
  }
  EXPECT_EQ(same, 0);
}

}  // namespace
