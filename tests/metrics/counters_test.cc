#include "metrics/counters.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "crypto/crypto.h"
#include "metrics/layout.h"
#include "shm/shared_table.h"
#include "shm/slots_testing.h"

namespace {

using metrics::ChildCounters;
using metrics::Count;
using metrics::Counts;
using metrics::Gauge;
using metrics::ReadCounts;

const std::vector<std::string> kNames{"other", "GET /api/user", "POST /oauth/token"};

class Counting : public testing::Test {
 protected:
  ChildCounters Child(const std::string& name, const std::vector<std::string>& routes = kNames) {
    auto counters = ChildCounters::Claim(shared_.words(), name, routes);
    EXPECT_TRUE(counters.has_value()) << name;
    return *counters;
  }
  Counts Read() { return ReadCounts(shared_.words()); }
  const metrics::RouteCounts& Route(const Counts& counts, const std::string& name) {
    for (const auto& route : counts.routes) {
      if (route.name == name) return route;
    }
    ADD_FAILURE() << "no route " << name;
    return counts.routes.front();
  }

  testing_shm::SharedWords shared_{metrics::kChildrenAt + 4 * metrics::kChildWords};
};

// A file outlives the program that made it, and two releases count in one. A number that changes here takes another one's
// counts: append, or raise shm::kTableLayoutVersion with it.
TEST(CountWords, StayWhereTheyWereWhenOthersAreAppended) {
  constexpr std::array kOwn{Count::kStarts,
                            Count::kDrains,
                            Count::kBodyTooLarge,
                            Count::kBodyIncomplete,
                            Count::kRequestTooOld,
                            Count::kWrites,
                            Count::kWritesQueueFull,
                            Count::kWritesSilent,
                            Count::kWritesUnanswered,
                            Count::kWritesDiskFull,
                            Count::kSlowReads,
                            Count::kLogLinesDropped,
                            Count::kClientsGone,
                            Count::kPoisonousRequest,
                            Count::kNetworkShutOut,
                            Count::kDeathsAtWork,
                            Count::kNoRoom};
  constexpr std::array kEvents{Count::kWrongUserCode,
                               Count::kUserCodesLimited,
                               Count::kWrongPassword,
                               Count::kPasswordsLimited,
                               Count::kAccountLimited,
                               Count::kDeviceCodesLimited,
                               Count::kUnknownDeviceCodesLimited,
                               Count::kPollTooFast,
                               Count::kRefreshesLimited,
                               Count::kAssertionsLimited,
                               Count::kSignInsLimited,
                               Count::kDecisionsLimited};
  for (std::size_t i = 0; i < kOwn.size(); ++i) EXPECT_EQ(static_cast<std::size_t>(kOwn[i]), i);
  for (std::size_t i = 0; i < kEvents.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kEvents[i]), 24 + i);
  }
  EXPECT_EQ(static_cast<std::size_t>(Count::kOwnEnd), kOwn.size())
      << "a count that is not listed here";
  EXPECT_EQ(static_cast<std::size_t>(Count::kCount), 24 + kEvents.size()) << "the same";
}

TEST(GaugeWords, StayWhereTheyWereWhenOthersAreAppended) {
  constexpr std::array kGauges{Gauge::kPid,          Gauge::kStartedAtMs,   Gauge::kHeartbeatMs,
                               Gauge::kConnections,  Gauge::kPendingWrites, Gauge::kCpuMicros,
                               Gauge::kResidentBytes};
  for (std::size_t i = 0; i < kGauges.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kGauges[i]), i);
  }
  EXPECT_EQ(static_cast<std::size_t>(Gauge::kCount), kGauges.size())
      << "one that is not listed here";
}

TEST_F(Counting, AnswersAreAddedUpOverAllChildren) {
  Child("api-1").NoteAnswer(1, 200, 60);
  Child("api-2").NoteAnswer(1, 404, 40);
  Child("api-2").NoteAnswer(2, 503, 7'000'000);
  const Counts counts = Read();
  const auto& user = Route(counts, "GET /api/user");
  EXPECT_EQ(user.classes, (std::array<std::uint64_t, 4>{1, 0, 1, 0}));
  EXPECT_EQ(user.micros, 100U);
  EXPECT_EQ(user.buckets[0], 1U);
  EXPECT_EQ(user.buckets[1], 1U);
  const auto& token = Route(counts, "POST /oauth/token");
  EXPECT_EQ(token.classes[3], 1U);
  EXPECT_EQ(token.buckets.back(), 1U);
  ASSERT_EQ(counts.children.size(), 2U);
  EXPECT_EQ(counts.children[0].name, "api-1");
  EXPECT_EQ(counts.children[0].requests, 1U);
  EXPECT_EQ(counts.children[1].requests, 2U);
}

TEST_F(Counting, AChildThatStartsAgainGoesOnWhereItsPlaceStood) {
  Child("login-1").Add(Count::kStarts);
  Child("login-1").Add(Count::kStarts);
  const Counts counts = Read();
  ASSERT_EQ(counts.children.size(), 1U);
  EXPECT_EQ(counts.children[0][Count::kStarts], 2U);
}

TEST_F(Counting, ReleasesWithOtherTablesOfAddressesDoNotMixTheirCounts) {
  Child("api-1").NoteAnswer(1, 200, 1);
  ChildCounters newer = Child("api-2", {"other", "GET /new", "GET /api/user"});
  newer.NoteAnswer(1, 200, 1);
  newer.NoteAnswer(2, 200, 1);
  const Counts counts = Read();
  EXPECT_EQ(Route(counts, "GET /api/user").classes[0], 2U);
  EXPECT_EQ(Route(counts, "GET /new").classes[0], 1U);
  EXPECT_EQ(Route(counts, "POST /oauth/token").classes[0], 0U);
}

TEST_F(Counting, ARouteWithoutRoomCountsAsOther) {
  std::vector<std::string> routes{"other"};
  for (int i = 0; i < 100; ++i) routes.push_back("GET /" + std::to_string(i));
  ChildCounters counters = Child("api-1", routes);
  counters.NoteAnswer(100, 200, 1);
  const Counts counts = Read();
  EXPECT_EQ(counts.routes.size(), metrics::kRoutes);
  EXPECT_EQ(Route(counts, "other").classes[0], 1U);
}

TEST_F(Counting, AChildWithoutRoomIsNotCounted) {
  for (int i = 1; i <= 4; ++i) Child("api-" + std::to_string(i));
  EXPECT_FALSE(ChildCounters::Claim(shared_.words(), "api-5", kNames).has_value());
  EXPECT_FALSE(ChildCounters::Claim({}, "api-1", kNames).has_value());
  EXPECT_FALSE(ChildCounters::Claim(shared_.words(), std::string(25, 'x'), kNames).has_value());
}

TEST_F(Counting, ANameIsReadOnlyOnceItIsWhole) {
  Child("api-1");
  shared_[metrics::kChildrenAt + 1] = 0;  // its text
  EXPECT_TRUE(Read().children.empty());
  Child("api-1");
  EXPECT_EQ(Read().children.size(), 1U);
}

TEST_F(Counting, ProcessesThatStartTogetherLoseNothing) {
  constexpr int kProcesses = 4;
  constexpr int kEach = 5000;
  testing_shm::Gate gate(kProcesses);
  testing_shm::RunInProcesses(kProcesses, [&](int) {
    gate.Pass();
    ChildCounters counters = Child("api-1");
    for (int i = 0; i < kEach; ++i) counters.NoteAnswer(2, 200, 10);
  });
  const Counts counts = Read();
  ASSERT_EQ(counts.children.size(), 1U);
  EXPECT_EQ(counts.children[0].requests, std::uint64_t{kProcesses * kEach});
  EXPECT_EQ(Route(counts, "POST /oauth/token").micros, std::uint64_t{10 * kProcesses * kEach});
}

TEST_F(Counting, TheRouteNotedIsTakenOnce) {
  ChildCounters counters = Child("api-1");
  counters.NoteRoute(2);
  EXPECT_EQ(counters.TakeRoute(), 2U);
  EXPECT_EQ(counters.TakeRoute(), 0U);
}

TEST_F(Counting, AnOldHeartbeatOrOneOfAnotherBootIsDead) {
  Child("api-1").Set(Gauge::kHeartbeatMs, 10'000);
  const auto child = Read().children.at(0);
  EXPECT_TRUE(child.IsAlive(12'000, 3000));
  EXPECT_FALSE(child.IsAlive(13'000, 3000));
  EXPECT_FALSE(child.IsAlive(7'000, 3000)) << "it lies ahead";
  Child("api-1").Set(Gauge::kHeartbeatMs, 0);
  EXPECT_FALSE(Read().children.at(0).IsAlive(1, 3000)) << "drained";
}

TEST(CounterFile, ShowsWhatTheChildrenCountAndMakesNothing) {
  const testing_shm::TempFolder folder;
  const std::string path = folder.Path("shared.tables");
  EXPECT_EQ(shm::CounterFile::Open(path).status().code(), base::Code::kNotFound);
  crypto::SystemRandom random;
  auto tables = shm::SharedTables::OpenForBoot(path, "boot", random);
  ASSERT_TRUE(tables.ok());
  ChildCounters::Claim((*tables)->counters(), "api-1", kNames)->NoteAnswer(1, 200, 1);
  const auto file = shm::CounterFile::Open(path);
  ASSERT_TRUE(file.ok()) << file.status().ToString();
  const Counts counts = ReadCounts(file->counters());
  ASSERT_EQ(counts.children.size(), 1U);
  EXPECT_EQ(counts.children[0].requests, 1U);
}

}  // namespace
