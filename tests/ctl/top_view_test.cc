#include "ctl/top/top_view.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "metrics/reasons.h"

namespace ctl {
namespace {

metrics::RouteCounts Route(const std::string& name, std::uint64_t good, std::uint64_t failed) {
  metrics::RouteCounts route;
  route.name = name;
  route.classes = {good, 0, 0, failed};
  route.buckets[4] = good + failed;  // 500 us to 1 ms
  return route;
}

// `seconds` after the first one.
TopSample Sample(std::int64_t seconds) {
  TopSample sample;
  sample.taken_us = seconds * 1'000'000;
  sample.since_boot = base::seconds(seconds);
  return sample;
}

TEST(TopView, ShowsWhatHappenedBetweenTwoSamples) {
  TopSample before = Sample(100);
  before.counts.routes = {Route("GET /a", 1000, 0), Route("GET /b", 5, 0)};
  before.writer.batches = 10;
  before.writer.records = 100;
  before.writer.commit_us_total = 5000;
  TopSample after = Sample(102);
  after.counts.routes = {Route("GET /a", 1010, 10), Route("GET /b", 5, 0), Route("GET /c", 40, 0)};
  after.writer.batches = 14;
  after.writer.records = 120;
  after.writer.commit_us_total = 13000;
  const TopView view = CompareSamples(before, after);
  ASSERT_EQ(view.routes.size(), 2U) << "what nobody asked is left out";
  EXPECT_EQ(view.routes[0].name, "GET /c") << "busiest first";
  EXPECT_DOUBLE_EQ(view.routes[0].per_second, 20);
  EXPECT_DOUBLE_EQ(view.routes[1].per_second, 10);
  EXPECT_DOUBLE_EQ(view.routes[1].server_errors, 5);
  EXPECT_DOUBLE_EQ(view.all.per_second, 30);
  EXPECT_EQ(view.all.p50_us, 750U);
  EXPECT_DOUBLE_EQ(view.batches, 2);
  EXPECT_DOUBLE_EQ(view.batch_records, 5);
  EXPECT_EQ(view.commit_us, 2000U);
}

TEST(TopView, CountersThatBeganAnewAreNoNegativeRates) {
  TopSample before = Sample(1);
  before.counts.routes = {Route("GET /a", 1000, 0)};
  TopSample after = Sample(2);
  after.counts.routes = {Route("GET /a", 7, 0)};
  EXPECT_DOUBLE_EQ(CompareSamples(before, after).all.per_second, 7);
}

TEST(TopView, OnlyLiveChildrenHoldConnections) {
  metrics::ChildCounts live;
  live.name = "api-1";
  live.gauges[static_cast<std::size_t>(metrics::Gauge::kHeartbeatMs)] = 99'500;
  live.gauges[static_cast<std::size_t>(metrics::Gauge::kConnections)] = 7;
  metrics::ChildCounts dead = live;
  dead.gauges[static_cast<std::size_t>(metrics::Gauge::kHeartbeatMs)] = 90'000;
  TopSample after = Sample(100);
  after.counts.children = {live, dead};
  const TopView view = CompareSamples(Sample(99), after);
  EXPECT_EQ(view.children, 1U);
  EXPECT_EQ(view.connections, 7U);
}

TEST(TopView, CpuIsTheShareOfACoreSinceTheLastLook) {
  TopSample before = Sample(10);
  before.processes = {
      {.name = "writer", .pid = 1, .cpu = base::milliseconds(5000), .pss_bytes = {}}};
  TopSample after = Sample(12);
  after.processes = {{.name = "writer", .pid = 1, .cpu = base::milliseconds(6000), .pss_bytes = 1},
                     {.name = "api-1", .pid = 2, .cpu = base::milliseconds(9000), .pss_bytes = {}}};
  const TopView view = CompareSamples(before, after);
  EXPECT_DOUBLE_EQ(view.processes[0].cpu_percent, 50);
  EXPECT_DOUBLE_EQ(view.processes[1].cpu_percent, 0) << "new: its life's time is no news";
}

metrics::ChildCounts Counted(const std::string& name,
                             const std::vector<std::pair<metrics::Count, std::uint64_t>>& counts) {
  metrics::ChildCounts child;
  child.name = name;
  for (const auto& [count, n] : counts) child.counts[static_cast<std::size_t>(count)] = n;
  return child;
}

TEST(TopView, ShowsChildrenThatRequestsKilled) {
  using metrics::Count;
  TopSample before = Sample(1);
  before.counts.children = {Counted("api-1", {{Count::kDeathsAtWork, 2}})};
  EXPECT_NE(TopText(CompareSamples(Sample(0), Sample(1)), "", 0, 0).find("no request killed"),
            std::string::npos);
  TopSample after = Sample(3);
  after.counts.children = {
      Counted("api-1", {{Count::kDeathsAtWork, 3}, {Count::kPoisonousRequest, 4}}),
      Counted("login-1", {{Count::kDeathsAtWork, 1}, {Count::kNetworkShutOut, 6}})};
  const TopView view = CompareSamples(before, after);
  EXPECT_NE(TopText(view, "", 0, 0)
                .find("poison   4 children killed by requests, 2 just now; refused for it 5.0/s"),
            std::string::npos)
      << TopText(view, "", 0, 0);
  const Json json = TopJson(view);
  const Json* const poison = json.Find("poison");
  ASSERT_NE(poison, nullptr);
  EXPECT_EQ(poison->Number("deaths"), 4);
  EXPECT_EQ(poison->Number("new_deaths"), 2);
  EXPECT_EQ(poison->Number("refused_per_second"), 5);
}

TEST(TopView, LimitedIsWhateverALimitHeldBack) {
  for (const metrics::Reason& reason : metrics::kLimited) {
    TopSample after = Sample(2);
    after.counts.children = {Counted("api-1", {{reason.count, 3}})};
    EXPECT_DOUBLE_EQ(CompareSamples(Sample(1), after).limited, 3) << reason.label;
  }
}

TEST(TopView, FitsTheTerminal) {
  TopSample before = Sample(1);
  TopSample after = Sample(2);
  for (int i = 0; i < 100; ++i)
    after.counts.routes.push_back(Route("GET /" + std::to_string(i), 1, 0));
  const std::string text = TopText(CompareSamples(before, after), "https://id.example", 10, 40);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 10);
  std::size_t longest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    longest = std::max(longest, end - at);
    at = end + 1;
  }
  EXPECT_EQ(longest, 40U);
}

TEST(TopView, IsJsonForScripts) {
  TopSample after = Sample(2);
  after.counts.routes = {Route("GET /a", 3, 0)};
  const Json json = TopJson(CompareSamples(Sample(1), after));
  EXPECT_EQ(json.Find("requests")->Number("per_second"), 3);
  EXPECT_EQ(json.Find("requests")->Number("p50_us"), 750);
  EXPECT_EQ(json.Find("writer")->Text("state"), "down");
}

}  // namespace
}  // namespace ctl
