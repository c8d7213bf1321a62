// Backups as the commit loop serves them, on a fake store and on the real program.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "loop_fixture.h"
#include "store/backup/backup_check.h"
#include "store/backup/online_backup.h"
#include "store/database.h"
#include "wire/backup_call.h"
#include "writer_process.h"

namespace writer_test {
namespace {

using base::Code;

constexpr std::int64_t kManyPages = 1'000'000'000;

wire::BackupCall Asked(const std::string& socket_path) {
  auto call = wire::BackupCall::Ask(socket_path, kPatience);
  EXPECT_TRUE(call.ok()) << call.status().ToString();
  return std::move(*call);
}

// The last word, whatever it says. kInternal: the connection ended without one.
wire::BackupProgress EndOf(wire::BackupCall& call) {
  while (true) {
    const auto word = call.Next(kPatience);
    if (!word.ok()) {
      return {.code = Code::kInternal, .is_over = true, .reason = word.error().message()};
    }
    if (word->is_over) return *word;
  }
}

class BackupTest : public LoopFixture {};

TEST_F(BackupTest, IsMadeInBoundedStepsAndHandedOver) {
  store_.SetBackupPages(100);
  Start({.backup_pages_per_step = 7});
  auto call = Asked(path_);
  const auto end = EndOf(call);
  EXPECT_EQ(end.code, Code::kOk) << end.reason;
  EXPECT_EQ(end.total_pages, 100);
  const auto steps = store_.backup_steps();
  EXPECT_EQ(steps.size(), 15U);
  EXPECT_TRUE(std::all_of(steps.begin(), steps.end(), [](int pages) { return pages == 7; }));
  EXPECT_EQ(store_.backups_open(), 1) << "the copy stays as long as its owner";
}

TEST_F(BackupTest, BatchesAreCommittedBetweenTheSteps) {
  store_.SetBackupPages(kManyPages);
  Start({.backup_pages_per_step = 1});
  auto call = Asked(path_);
  ASSERT_TRUE(call.Next(kPatience).ok());
  TestPeer peer = Connect();
  for (std::uint8_t i = 1; i <= 20; ++i) EXPECT_EQ(peer.Ask(ProbeNumber(i)), Code::kOk);
  EXPECT_EQ(store_.batches().size(), 20U);
  EXPECT_EQ(store_.backups_open(), 1);
}

TEST_F(BackupTest, ItsOwnerHearsHowFarItIs) {
  store_.SetBackupPages(kManyPages);
  Start({.backup_pages_per_step = 1});
  auto call = Asked(path_);
  std::int64_t copied = 0;
  for (int i = 0; i < 3; ++i) {
    const auto word = call.Next(kPatience);
    ASSERT_TRUE(word.ok());
    EXPECT_FALSE(word->is_over);
    EXPECT_GT(word->copied_pages, copied);
    EXPECT_EQ(word->total_pages, kManyPages);
    copied = word->copied_pages;
  }
}

TEST_F(BackupTest, CatchesUpWithADatabaseThatGrowsAsFastAsItIsCopied) {
  store_.SetBackupPages(20);
  store_.SetBackupGrowth(3);
  Start({.backup_pages_per_step = 2});
  auto call = Asked(path_);
  EXPECT_EQ(EndOf(call).code, Code::kOk);
  const auto steps = store_.backup_steps();
  EXPECT_EQ(steps.front(), 2);
  EXPECT_GT(steps.back(), 3);
  EXPECT_LE(steps.back(), 16) << "no more than it takes";
}

TEST_F(BackupTest, EndsWhenItsOwnerGoes) {
  store_.SetBackupPages(kManyPages);
  Start();
  {
    auto call = Asked(path_);
    ASSERT_TRUE(call.Next(kPatience).ok());
  }
  EXPECT_TRUE(Await([&] { return store_.backups_open() == 0; }));
  EXPECT_NE(LogText().find("backup_given_up"), std::string::npos);
  store_.SetBackupPages(1);
  auto next = Asked(path_);
  EXPECT_EQ(EndOf(next).code, Code::kOk) << "and the next one is served";
}

TEST_F(BackupTest, OneIsMadeAtATime) {
  store_.SetBackupPages(kManyPages);
  Start();
  auto first = Asked(path_);
  ASSERT_TRUE(first.Next(kPatience).ok());
  auto second = Asked(path_);
  EXPECT_EQ(EndOf(second).code, Code::kConflict);
  EXPECT_TRUE(first.Next(kPatience).ok()) << "the first one goes on";
}

TEST_F(BackupTest, AFinishedCopyIsItsOwnersUntilItGoes) {
  store_.SetBackupPages(1);
  Start();
  {
    auto owner = Asked(path_);
    EXPECT_EQ(EndOf(owner).code, Code::kOk);
    auto other = Asked(path_);
    EXPECT_EQ(EndOf(other).code, Code::kConflict);
    EXPECT_EQ(store_.backups_open(), 1);
  }
  EXPECT_TRUE(Await([&] { return store_.backups_open() == 0; }));
}

TEST_F(BackupTest, FailuresAreToldAndTheWriterGoesOn) {
  store_.SetBackupPages(kManyPages);
  store_.FailBackupWith(Code::kFull, std::nullopt);
  Start();
  auto refused = Asked(path_);
  const auto no_room = EndOf(refused);
  EXPECT_EQ(no_room.code, Code::kFull);
  EXPECT_NE(no_room.reason.find("no room"), std::string::npos);
  // Even an error after which a batch would end the writer: it is the copy's alone.
  store_.FailBackupWith(std::nullopt, Code::kInternal);
  auto broken = Asked(path_);
  EXPECT_EQ(EndOf(broken).code, Code::kInternal);
  EXPECT_EQ(store_.backups_open(), 0);
  EXPECT_EQ(Connect().Ask(ProbeNumber(1)), Code::kOk);
}

TEST_F(BackupTest, AStoppingWriterSaysSo) {
  store_.SetBackupPages(kManyPages);
  Start();
  auto call = Asked(path_);
  ASSERT_TRUE(call.Next(kPatience).ok());
  AskToStop();
  EXPECT_EQ(EndOf(call).code, Code::kUnavailable);
  Join();
  EXPECT_TRUE(end_.ok());
  EXPECT_EQ(store_.backups_open(), 0);
}

TEST_F(BackupTest, APoolMayNotAskForOne) {
  store_.SetBackupPages(1);
  Start({}, {.own_uid = ::geteuid() + 1, .web_uid = ::geteuid()});
  auto call = Asked(path_);
  EXPECT_EQ(EndOf(call).code, Code::kInternal) << "its connection is closed";
  EXPECT_TRUE(store_.backup_steps().empty());
  Stop();
  EXPECT_NE(LogText().find("not its to ask for"), std::string::npos);
}

// ---- the real program ----

class BackupProcessTest : public ::testing::Test {
 protected:
  std::string StagedPath() const { return store::StagedBackupPath(writer_.database_path()); }

  wire_test::TempFolder folder_;
  WriterProcess writer_{folder_.File("data")};
};

TEST_F(BackupProcessTest, TheCopyIsCompleteAndGoesWithItsOwner) {
  writer_.Start();
  {
    auto call = Asked(writer_.socket_path());
    const auto end = EndOf(call);
    ASSERT_EQ(end.code, Code::kOk) << end.reason;
    const auto facts = store::CheckBackup(StagedPath());
    ASSERT_TRUE(facts.ok()) << facts.status().ToString();
    EXPECT_EQ(facts->bytes, end.total_pages * store::kPageSizeBytes);
    EXPECT_EQ(facts->organizations, 1) << "platform";
  }
  EXPECT_TRUE(Await([&] { return !std::filesystem::exists(StagedPath()); }));
}

TEST_F(BackupProcessTest, WhatAKilledWriterLeftOfACopyIsRemovedAtTheNextStart) {
  writer_.Start();
  auto call = Asked(writer_.socket_path());
  ASSERT_EQ(EndOf(call).code, Code::kOk);
  writer_.Kill();
  ASSERT_TRUE(std::filesystem::exists(StagedPath()));
  writer_.Start();
  EXPECT_EQ(TestPeer::Greeted(writer_.socket_path()).Ask(ProbeNumber(1)), Code::kOk);
  EXPECT_FALSE(std::filesystem::exists(StagedPath()));
}

}  // namespace
}  // namespace writer_test
