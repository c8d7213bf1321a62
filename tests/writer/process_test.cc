// The real program: what it promises across kills, restarts and its own stop.
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <atomic>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "store/sqlite_reader.h"
#include "wire/client.h"
#include "writer_process.h"

namespace writer_test {
namespace {

using base::Code;
using base::milliseconds;
using shm::WriterGauge;
using shm::WriterState;

template <class IdType>
IdType IdNumber(std::uint32_t number) {
  IdType id;
  id.bytes[6] = 0x70;
  for (std::size_t i = 0; i < 4; ++i) {
    id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return id;
}

records::CreateOrganization Organization(std::uint32_t number) {
  return {.record_id = IdNumber<records::RecordId>(number),
          .row = {.id = IdNumber<records::OrganizationId>(number),
                  .slug = "org-" + std::to_string(number),
                  .name = "Organization",
                  .created_at = base::SystemClock().Now(),
                  .updated_at = {}}};
}

records::CreateDeviceCode DeviceCode(std::uint32_t number, const std::string& user_code) {
  records::CreateDeviceCode code;
  code.record_id = IdNumber<records::RecordId>(number);
  code.device_code_id = IdNumber<records::DeviceCodeId>(number);
  code.organization_id = IdNumber<records::OrganizationId>(1);
  code.user_code = user_code;
  code.created_at = base::SystemClock().Now();
  code.expires_at = code.created_at + base::seconds(900);
  return code;
}

class ProcessTest : public ::testing::Test {
 protected:
  TestPeer Connect() const { return TestPeer::Greeted(writer_.socket_path()); }
  bool HasOrganization(std::uint32_t number) const {
    store::SqliteReader reader({.database_path = writer_.database_path()}, [] { return 0; });
    reader.StartTurn();
    const bool found = reader.FindOrganizationBySlug("org-" + std::to_string(number)).ok();
    reader.EndTurn();
    return found;
  }

  wire_test::TempFolder folder_;
  WriterProcess writer_{folder_.File("data")};
};

TEST_F(ProcessTest, WhatWasAnsweredIsOnDiskAfterAKill) {
  writer_.Start();
  TestPeer peer = Connect();
  ASSERT_EQ(peer.Ask(Organization(1)), Code::kOk);
  EXPECT_TRUE(HasOrganization(1));
  writer_.Kill();
  writer_.Start();
  EXPECT_TRUE(HasOrganization(1));
  EXPECT_FALSE(HasOrganization(2));
}

TEST_F(ProcessTest, ARecordSentAgainAfterAKillGetsTheSameAnswerAndAnotherOneDoesNot) {
  const auto code = DeviceCode(1, "ABCD-EFGH");
  records::DecideDeviceCode decision;
  decision.record_id = IdNumber<records::RecordId>(2);
  decision.device_code_id = code.device_code_id;
  decision.organization_id = code.organization_id;
  decision.approve = false;
  decision.decided_at = code.created_at;
  writer_.Start();
  {
    TestPeer peer = Connect();
    ASSERT_EQ(peer.Ask(code), Code::kOk);
    ASSERT_EQ(peer.Ask(decision), Code::kOk);
  }
  writer_.Kill();
  writer_.Start();
  TestPeer peer = Connect();
  EXPECT_EQ(peer.Ask(code), Code::kOk);
  EXPECT_EQ(peer.Ask(decision), Code::kOk);
  decision.record_id = IdNumber<records::RecordId>(3);
  EXPECT_EQ(peer.Ask(decision), Code::kConflict);
}

// A connection breaks, its record lies in the socket still, and comes again over the next
// connection.
TEST_F(ProcessTest, TheSameRecordTwiceInOneBatchIsOneRowAndTwoEqualAnswers) {
  writer_.Start();
  TestPeer first = Connect();
  TestPeer second = Connect();
  ASSERT_EQ(first.Ask(ProbeNumber(1)), Code::kOk);
  ASSERT_EQ(second.Ask(ProbeNumber(1)), Code::kOk);
  const auto code = DeviceCode(1, "ABCD-EFGH");
  const std::uint64_t batches = writer_.page().Get(WriterGauge::kBatches);
  writer_.Signal(SIGSTOP);
  first.Send({code, Organization(7)});
  second.Send({code, Organization(7)});
  writer_.Signal(SIGCONT);
  for (TestPeer* peer : {&first, &second}) {
    const auto answers = peer->Await(2);
    ASSERT_EQ(answers.size(), 2U);
    for (const auto& [correlation, result] : answers) EXPECT_EQ(result.code, Code::kOk);
  }
  EXPECT_EQ(writer_.page().Get(WriterGauge::kBatches), batches + 1);
}

TEST_F(ProcessTest, ASecondInstanceSaysSoAndTheFirstGoesOn) {
  writer_.Start();
  EXPECT_EQ(writer_.Run({}), 1);
  EXPECT_NE(writer_.Log().find("another writer"), std::string::npos);
  TestPeer peer = Connect();
  EXPECT_EQ(peer.Ask(ProbeNumber(1)), Code::kOk);
}

TEST_F(ProcessTest, WhatIsWrongAtStartIsOneClearLine) {
  EXPECT_EQ(writer_.Run({}, WriterProcess::Socket::kNone), 1);
  EXPECT_NE(writer_.Log().find("no inherited socket named writer"), std::string::npos);
  EXPECT_EQ(writer_.Run({"--data", folder_.File("missing")}), 1);
  EXPECT_NE(writer_.Log().find("missing/writer.lock"), std::string::npos);
  const std::string config = folder_.File("bad.toml");
  std::ofstream(config) << "[writer]\nbatch_records = 0\n";
  EXPECT_EQ(writer_.Run({"--config", config, "--data", folder_.File("data")}), 1);
  EXPECT_NE(writer_.Log().find("bad.toml:2"), std::string::npos);
  EXPECT_EQ(writer_.Run({"--wrong"}), 1);
  EXPECT_NE(writer_.Log().find("usage"), std::string::npos);
}

TEST_F(ProcessTest, ADamagedDatabaseEndsWithItsOwnExitCode) {
  std::ofstream(writer_.database_path()) << std::string(10'000, 'x');
  EXPECT_EQ(writer_.Run({}), 2);
  EXPECT_NE(writer_.Log().find("FATAL writer store_failed"), std::string::npos) << writer_.Log();
  EXPECT_NE(writer_.Log().find("put the last backup in their place"), std::string::npos);
}

// What the kernel could not write is dropped from its cache, so a second fsync would succeed and lie.
TEST_F(ProcessTest, AFailedFsyncIsNeverAnsweredNorTriedAgain) {
  const std::string failing = folder_.File("fsync-fails");
  writer_.SetVariable("LD_PRELOAD", LATCHKEY_BIN_DIR "/latchkey-poor-disk.so");
  writer_.SetVariable("LATCHKEY_FAILING_FSYNC", failing);
  writer_.SetVariable("ASAN_OPTIONS", "verify_asan_link_order=0");
  writer_.Start();
  TestPeer peer = Connect();
  ASSERT_EQ(peer.Ask(Organization(1)), Code::kOk);
  std::ofstream(failing) << "now";
  EXPECT_EQ(peer.Ask(Organization(2)), Code::kInternal) << "the connection ends without an answer";
  EXPECT_EQ(writer_.Wait(), 2);
  EXPECT_NE(writer_.Log().find("FATAL writer store_failed"), std::string::npos) << writer_.Log();
  std::filesystem::remove(failing);
  writer_.Start();
  EXPECT_TRUE(HasOrganization(1));
  TestPeer next = Connect();
  EXPECT_EQ(next.Ask(Organization(2)), Code::kOk) << "the same record, sent again";
  EXPECT_TRUE(HasOrganization(2));
}

TEST_F(ProcessTest, EachStartRaisesTheGeneration) {
  writer_.Start();
  const std::uint64_t first = writer_.page().generation();
  TestPeer peer = Connect();
  ASSERT_EQ(peer.Ask(Organization(1)), Code::kOk);
  EXPECT_EQ(writer_.page().generation(), first + 1);
  writer_.Kill();
  writer_.Start();
  const std::uint64_t second = writer_.page().generation();
  EXPECT_GT(second, first + 1);
  writer_.Signal(SIGTERM);
  EXPECT_EQ(writer_.Wait(), 0);
  writer_.Start();
  EXPECT_GT(writer_.page().generation(), second);
}

TEST_F(ProcessTest, AStopAnswersSaysRestartingAndEmptiesTheLog) {
  writer_.Start();
  TestPeer peer = Connect();
  ASSERT_EQ(peer.Ask(ProbeNumber(1)), Code::kOk);
  writer_.Signal(SIGSTOP);
  peer.Send({Organization(1), Organization(2)});
  writer_.Signal(SIGTERM);
  writer_.Signal(SIGCONT);
  EXPECT_EQ(peer.Await(2).size(), 2U);
  EXPECT_TRUE(peer.IsClosed());
  EXPECT_EQ(writer_.Wait(), 0);
  EXPECT_EQ(writer_.page().state(), WriterState::kRestarting);
  EXPECT_EQ(std::filesystem::file_size(writer_.database_path() + "-wal"), 0U);
  EXPECT_TRUE(HasOrganization(2));
}

TEST_F(ProcessTest, ABadFrameClosesThatPeerAloneAndIsLogged) {
  writer_.Start();
  TestPeer good = Connect();
  TestPeer bad = Connect();
  bad.SendRaw("\x02 nonsense");
  EXPECT_TRUE(bad.IsClosed());
  EXPECT_EQ(good.Ask(ProbeNumber(1)), Code::kOk);
  EXPECT_NE(writer_.Log().find("peer_closed"), std::string::npos);
}

TEST_F(ProcessTest, CallReachesTheNextWriterAcrossARestart) {
  writer_.Start();
  writer_.Signal(SIGTERM);
  ASSERT_EQ(writer_.Wait(), 0);
  std::thread next([&] { writer_.Start(); });
  const auto result = wire::Call(writer_.socket_path(), ProbeNumber(1), kPatience);
  next.join();
  ASSERT_TRUE(result.ok()) << result.error().ToString();
  EXPECT_EQ(result->code, Code::kOk);
}

// A worker's client on a loop of its own, sending one organization after the other, a few at a
// time.
class SteadySender {
 public:
  SteadySender(const std::string& socket_path, shm::WriterPage page)
      : page_(std::move(page)),
        client_({.socket_path = socket_path, .record_deadline = kPatience}, epoll_fd_.get(), 1,
                page_, clock_, log_),
        thread_([this] { Loop(); }) {}
  ~SteadySender() { Stop(); }

  void Stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  std::uint32_t answered() const { return answered_; }
  std::uint32_t failed() const { return failed_; }

 private:
  static constexpr std::size_t kAtOnce = 4;

  void Loop() {
    while (!stopping_ || client_.pending() > 0) {
      while (!stopping_ && client_.pending() < kAtOnce && SendNext()) {
      }
      client_.Flush();
      epoll_event event{};
      const auto timeout = std::min(client_.NextTimeout(), milliseconds(20));
      if (::epoll_wait(epoll_fd_.get(), &event, 1, static_cast<int>(timeout.count())) == 1) {
        client_.OnEvents(event.events);
      }
      client_.OnTimer();
    }
  }
  bool SendNext() {
    return client_
        .Send(Organization(++number_),
              [this](const records::WriteResult& result) {
                ++(result.code == Code::kOk ? answered_ : failed_);
              })
        .ok();
  }

  base::SystemClock clock_;
  base::Log log_{"test", base::Severity::kFatal};
  base::UniqueFd epoll_fd_{::epoll_create1(EPOLL_CLOEXEC)};
  shm::WriterPage page_;
  wire::Client client_;
  std::uint32_t number_ = 0;
  std::atomic<std::uint32_t> answered_{0};
  std::atomic<std::uint32_t> failed_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

TEST_F(ProcessTest, AClientSeesNeitherKillsNorRestarts) {
  writer_.Start();
  SteadySender sender(writer_.socket_path(),
                      shm::WriterPage::OpenForReading(folder_.File("data/run/writer.page")));
  for (int round = 0; round < 6; ++round) {
    const std::uint32_t before = sender.answered();
    ASSERT_TRUE(Await([&] { return sender.answered() > before + 10; })) << writer_.Log();
    writer_.Signal(round % 2 == 0 ? SIGKILL : SIGTERM);
    writer_.Wait();
    writer_.Start();
  }
  sender.Stop();
  EXPECT_EQ(sender.failed(), 0U);
  const std::uint32_t answered = sender.answered();
  for (std::uint32_t number = 1; number <= answered; number += 7) {
    EXPECT_TRUE(HasOrganization(number)) << number;
  }
  EXPECT_TRUE(HasOrganization(answered));
}

// A disk of its own, small enough to fill.
class SmallDisk {
 public:
  explicit SmallDisk(std::string path) : path_(std::move(path)) {
    std::filesystem::create_directories(path_);
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=2m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  void Fill() const {
    std::ofstream ballast(path_ + "/ballast", std::ios::binary);
    const std::string block(4096, 'x');
    while (ballast.write(block.data(), 4096) && ballast.flush()) {
    }
  }
  void Free() const { std::filesystem::remove(path_ + "/ballast"); }

 private:
  std::string path_;
  bool mounted_ = false;
};

TEST(ProcessOnAFullDisk, RefusesAndRecoversByItself) {
  wire_test::TempFolder folder;
  const SmallDisk disk(folder.File("data"));
  if (!disk.mounted()) GTEST_SKIP() << "mounting a small disk takes root";
  WriterProcess writer(folder.File("data"));
  writer.Start();
  TestPeer peer = TestPeer::Greeted(writer.socket_path());
  ASSERT_EQ(peer.Ask(Organization(1)), Code::kOk);
  disk.Fill();
  Code code = Code::kOk;
  for (std::uint32_t i = 2; i < 2000 && code == Code::kOk; ++i) code = peer.Ask(Organization(i));
  EXPECT_EQ(code, Code::kFull) << writer.Log();
  EXPECT_EQ(writer.page().state(), WriterState::kDiskFull);
  disk.Free();
  EXPECT_TRUE(Await([&] { return writer.page().state() == WriterState::kServing; }));
  EXPECT_EQ(peer.Ask(Organization(5000)), Code::kOk);
  writer.Signal(SIGTERM);
  EXPECT_EQ(writer.Wait(), 0) << writer.Log();
}

}  // namespace
}  // namespace writer_test
