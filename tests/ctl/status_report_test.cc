#include "ctl/status/status_report.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "crypto/random.h"
#include "metrics/counters.h"
#include "shm/shared_table.h"

namespace ctl {
namespace {

using shm::WriterGauge;
using shm::WriterState;

class StatusReportTest : public testing::Test {
 protected:
  StatusReportTest() {
    settings.data_dir = ::mkdtemp(template_.data());
    settings.run_dir = settings.data_dir + "/run";
    std::filesystem::create_directory(settings.run_dir);
  }
  ~StatusReportTest() override { std::filesystem::remove_all(settings.data_dir); }

  // This process stands for all of them.
  void WritePidFiles() {
    ::prctl(PR_SET_NAME, "latchkey-test");
    for (const char* name : {"writer", "api", "login"}) {
      std::ofstream(settings.RunPath(std::string(name) + ".pid")) << ::getpid() << "\n";
    }
  }
  shm::WriterPage ServingPage() {
    auto page = shm::WriterPage::OpenForWriting(settings.RunPath("writer.page"));
    EXPECT_TRUE(page.ok());
    page->Set(WriterGauge::kState, static_cast<std::uint64_t>(WriterState::kServing));
    page->Set(WriterGauge::kHeartbeatMs,
              static_cast<std::uint64_t>(base::SystemClock().SinceBoot().count()));
    return std::move(*page);
  }

  std::string template_ = "/tmp/latchkey-status-XXXXXX";
  base::Settings settings;
};

TEST_F(StatusReportTest, AnEmptyFolderIsDown) {
  const StatusReport report = GatherStatus(settings);
  EXPECT_FALSE(report.serving());
  EXPECT_EQ(StateWord(report.writer), "down");
  EXPECT_FALSE(report.database_bytes.has_value());
  EXPECT_NE(StatusText(report).find("Not serving"), std::string::npos);
  EXPECT_NE(StatusText(report).find("not running"), std::string::npos);
}

TEST_F(StatusReportTest, ServesWhenThePageIsYoungAndThePoolsRun) {
  shm::WriterPage page = ServingPage();
  EXPECT_FALSE(GatherStatus(settings).serving());
  WritePidFiles();
  EXPECT_TRUE(GatherStatus(settings).serving());
}

TEST_F(StatusReportTest, AWriterThatHasJustStoppedIsDownAndOneThatRestartsIsNot) {
  shm::WriterPage page = ServingPage();
  page.Set(WriterGauge::kState, static_cast<std::uint64_t>(shm::WriterState::kRestarting));
  page.Set(WriterGauge::kPid, static_cast<std::uint64_t>(::getpid()));
  EXPECT_EQ(StateWord(GatherStatus(settings).writer), "restarting");
  page.Set(WriterGauge::kPid, 999999999);
  EXPECT_EQ(StateWord(GatherStatus(settings).writer), "down");
}

TEST_F(StatusReportTest, AnOldHeartbeatIsSilence) {
  shm::WriterPage page = ServingPage();
  WritePidFiles();
  page.Set(WriterGauge::kHeartbeatMs, 1);
  const StatusReport report = GatherStatus(settings);
  EXPECT_FALSE(report.serving());
  EXPECT_EQ(StateWord(report.writer), "silent");
}

TEST_F(StatusReportTest, APidFileOfADeadProcessIsNotRunning) {
  std::ofstream(settings.RunPath("nginx.pid")) << "999999999\n";
  for (const ServiceProcess& service : GatherStatus(settings).services) {
    EXPECT_FALSE(service.pid.has_value()) << service.name;
  }
}

TEST_F(StatusReportTest, APidFileOfSomebodyElsesProcessIsNotRunning) {
  shm::WriterPage page = ServingPage();
  WritePidFiles();
  ::prctl(PR_SET_NAME, "bash");
  EXPECT_FALSE(GatherStatus(settings).serving());
}

TEST_F(StatusReportTest, TellsOfChildrenThatRequestsKilled) {
  EXPECT_FALSE(GatherStatus(settings).poison.has_value()) << "no pool has run";
  EXPECT_FALSE(Json(ToJson(GatherStatus(settings))).Find("poison")->Number("deaths").has_value());
  crypto::SystemRandom random;
  auto tables = shm::SharedTables::Open(settings.RunPath("shared.tables"), random);
  ASSERT_TRUE(tables.ok());
  EXPECT_NE(StatusText(GatherStatus(settings)).find("no request killed its child"),
            std::string::npos);
  const std::vector<std::string> routes{"other"};
  for (const char* name : {"api-1", "login-1"}) {
    auto child = metrics::ChildCounters::Claim((*tables)->counters(), name, routes);
    ASSERT_TRUE(child.has_value());
    child->Add(metrics::Count::kDeathsAtWork, 2);
    child->Add(metrics::Count::kPoisonousRequest, 3);
    child->Add(metrics::Count::kNetworkShutOut, 5);
  }
  const StatusReport report = GatherStatus(settings);
  const std::string text = StatusText(report);
  EXPECT_NE(text.find("requests killed 4 children"), std::string::npos) << text;
  EXPECT_NE(text.find("6 of these, 10 of their networks"), std::string::npos) << text;
  const Json json(ToJson(report));
  EXPECT_EQ(json.Find("poison")->Number("deaths"), 4);
  EXPECT_EQ(json.Find("poison")->Number("requests_refused"), 6);
  EXPECT_EQ(json.Find("poison")->Number("network_requests_refused"), 10);
}

TEST_F(StatusReportTest, PrintsThePagesFigures) {
  shm::WriterPage page = ServingPage();
  page.Set(WriterGauge::kBatches, 4);
  page.Set(WriterGauge::kRecords, 10);
  page.Set(WriterGauge::kCommitMicrosTotal, 8000);
  page.Set(WriterGauge::kLongestCommitMicros, 5000);
  page.Set(WriterGauge::kWalFrames, 77);
  const StatusReport report = GatherStatus(settings);
  const std::string text = StatusText(report);
  EXPECT_NE(text.find("mean 2.5 records"), std::string::npos) << text;
  EXPECT_NE(text.find("mean 2.0 ms, longest 5.0 ms"), std::string::npos) << text;
  EXPECT_NE(text.find("77 frames"), std::string::npos) << text;
  const Json json(ToJson(report));
  EXPECT_EQ(json.Find("writer")->Number("mean_commit_us"), 2000);
  EXPECT_EQ(json.Number("wal_frames"), 77);
}

}  // namespace
}  // namespace ctl
