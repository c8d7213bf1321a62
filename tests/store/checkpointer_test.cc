#include "store/checkpointer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "store/database.h"
#include "store/temporary_folder.h"

namespace store_test {
namespace {

using base::Code;
using store::Checkpointer;
using store::Database;

constexpr std::int64_t kMillisecond = 1000;  // µs

// A WAL that grows by one frame a commit, and a clock that moves only when told or slept on.
class CheckpointerTest : public ::testing::Test {
 protected:
  CheckpointerTest() {
    auto opened = Database::OpenForWriting({.path = folder_.Database()});
    EXPECT_TRUE(opened.ok()) << opened.status().ToString();
    database_.emplace(std::move(*opened));
    const std::string setup = "PRAGMA application_id=" + std::to_string(store::kApplicationId) +
                              "; PRAGMA user_version=1;"
                              "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER);"
                              "INSERT INTO t VALUES (1, 0);";
    EXPECT_TRUE(database_->Execute(setup.c_str()).ok());
  }

  Checkpointer& Make(Checkpointer::Options options = {}) {
    options.passive_frames = 10;
    options.restart_frames = 40;
    checkpointer_.emplace(
        *database_, options,
        Checkpointer::Time{.now_us = [this] { return now_us_; },
                           .sleep_us = [this](std::int64_t us) { now_us_ += us; }});
    EXPECT_TRUE(checkpointer_->Truncate().ok());
    return *checkpointer_;
  }

  void Commit() { ASSERT_TRUE(database_->Execute("UPDATE t SET n = n + 1").ok()); }
  // As the writer does: after each commit the checkpointer is asked.
  void CommitAndRun(int commits) {
    for (int i = 0; i < commits; ++i) {
      Commit();
      const base::Status status = checkpointer_->RunIfDue().status();
      ASSERT_TRUE(status.ok()) << status.ToString();
    }
  }

  // Holds a read of what is in the WAL now.
  std::unique_ptr<Database> NewReader() {
    auto reader = Database::OpenForReading({.path = folder_.Database()});
    EXPECT_TRUE(reader.ok()) << reader.status().ToString();
    auto held = std::make_unique<Database>(std::move(*reader));
    EXPECT_TRUE(held->Execute("BEGIN").ok());
    EXPECT_TRUE(held->QueryInteger("SELECT n FROM t").ok());
    return held;
  }

  std::uintmax_t LogBytes() const {
    return std::filesystem::file_size(folder_.Database() + "-wal");
  }

  TemporaryFolder folder_;
  std::int64_t now_us_ = 1'000'000'000;
  std::optional<Database> database_;
  std::optional<Checkpointer> checkpointer_;
};

TEST_F(CheckpointerTest, RunsPassiveOnceForEachPortionOfNewFrames) {
  const Checkpointer& checkpointer = Make();
  const auto before = checkpointer.counters();
  CommitAndRun(9);
  EXPECT_EQ(checkpointer.counters().passive, before.passive);
  CommitAndRun(1);
  EXPECT_EQ(checkpointer.counters().passive, before.passive + 1);
  CommitAndRun(25);
  EXPECT_EQ(checkpointer.counters().passive, before.passive + 3);
  EXPECT_EQ(checkpointer.counters().restart, before.restart);
}

// Once PASSIVE has moved everything, SQLite starts the WAL anew by itself.
TEST_F(CheckpointerTest, PassiveAloneKeepsTheLogShortWhileNobodyReads) {
  const Checkpointer& checkpointer = Make();
  const auto before = checkpointer.counters();
  CommitAndRun(400);
  EXPECT_LE(checkpointer.counters().longest_frames, 11);
  EXPECT_LE(LogBytes(), static_cast<std::uintmax_t>(12 * store::kFrameBytes));
  EXPECT_EQ(checkpointer.counters().passive, before.passive + 40);
  EXPECT_EQ(checkpointer.counters().restart, before.restart);
}

TEST_F(CheckpointerTest, AReaderThatStaysIsWaitedForOnceThenTheCheckpointRests) {
  Make();
  CommitAndRun(5);
  const auto reader = NewReader();
  const auto before = checkpointer_->counters();
  const std::int64_t began = now_us_;
  CommitAndRun(35);  // the 40th frame: RESTART is due, and the reader is in its way
  EXPECT_EQ(checkpointer_->counters().busy, before.busy + 1);
  EXPECT_GE(now_us_ - began, 20 * kMillisecond);
  EXPECT_LE(now_us_ - began, 22 * kMillisecond);
  CommitAndRun(9);  // fewer than passive_frames more, and no time has passed
  EXPECT_EQ(checkpointer_->counters().busy, before.busy + 1);
  EXPECT_EQ(checkpointer_->counters().put_off, before.put_off + 9);
}

TEST_F(CheckpointerTest, ALongLogIsWorthAWaitTwiceAsLong) {
  Make();
  CommitAndRun(5);
  const auto reader = NewReader();
  for (int i = 0; i < 74; ++i) Commit();
  const std::int64_t began = now_us_;
  CommitAndRun(1);  // the 80th frame
  EXPECT_GE(now_us_ - began, 40 * kMillisecond);
  EXPECT_LE(now_us_ - began, 42 * kMillisecond);
}

TEST_F(CheckpointerTest, TriesAgainAfterItsRestAndEachRestIsLonger) {
  Make();
  CommitAndRun(5);
  const auto reader = NewReader();
  CommitAndRun(35);
  const auto first = checkpointer_->counters().busy;
  const auto busy_after = [&](std::int64_t ms) {
    now_us_ += ms * kMillisecond;
    Commit();
    EXPECT_TRUE(checkpointer_->RunIfDue().ok());
    return checkpointer_->counters().busy - first;
  };
  EXPECT_EQ(busy_after(200), 0U) << "rests for 250 ms";
  EXPECT_EQ(busy_after(300), 1U);
  EXPECT_EQ(busy_after(400), 1U) << "rests for 500 ms";
  EXPECT_EQ(busy_after(200), 2U);
}

TEST_F(CheckpointerTest, TheLogStartsAnewOnceTheReaderIsGone) {
  Make();
  CommitAndRun(5);
  auto reader = NewReader();
  CommitAndRun(45);
  EXPECT_GE(checkpointer_->frames(), 50);
  reader.reset();
  now_us_ += 10'000 * kMillisecond;
  CommitAndRun(1);
  EXPECT_EQ(checkpointer_->frames(), 0);
  Commit();
  EXPECT_EQ(checkpointer_->frames(), 1);
}

// A reader for ever, and commits without end.
TEST_F(CheckpointerTest, AllWaitsTogetherTakeTheirShareOfTheTimeAtMost) {
  Checkpointer::Options options;
  options.first_rest_us = 1;  // only the share holds it back
  options.longest_rest_us = 1;
  Make(options);
  CommitAndRun(5);
  const auto reader = NewReader();
  const std::int64_t began = now_us_;
  const std::int64_t waited_before = checkpointer_->counters().waited_us;
  for (int i = 0; i < 4000; ++i) {
    now_us_ += kMillisecond;
    CommitAndRun(1);
  }
  const std::int64_t waited = checkpointer_->counters().waited_us - waited_before;
  const std::int64_t share_percent = 100 * waited / (now_us_ - began);
  EXPECT_GE(share_percent, options.wait_share_percent / 2) << "it does try";
  EXPECT_LE(share_percent, options.wait_share_percent + 1);
  EXPECT_GT(checkpointer_->counters().put_off, 0U);
}

TEST_F(CheckpointerTest, RefusesWritesAtTheHardLimitUntilTheLogIsEmptied) {
  Checkpointer::Options options;
  options.limit_bytes = 60 * store::kFrameBytes;
  Make(options);
  CommitAndRun(5);
  auto reader = NewReader();
  CommitAndRun(54);
  EXPECT_FALSE(checkpointer_->MustRefuseWrites());
  CommitAndRun(1);
  EXPECT_TRUE(checkpointer_->MustRefuseWrites());
  // As the writer asks while it refuses: in vain and without a wait, however often; then with success
  // as soon as the reader has gone, though a rest had begun.
  const std::int64_t now = now_us_;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(checkpointer_->RunIfDue().ok());
    EXPECT_TRUE(checkpointer_->MustRefuseWrites());
  }
  EXPECT_EQ(now_us_, now);
  reader.reset();
  EXPECT_TRUE(checkpointer_->RunIfDue().ok());
  EXPECT_FALSE(checkpointer_->MustRefuseWrites());
}

TEST_F(CheckpointerTest, ACleanStopEmptiesTheLog) {
  Make();
  CommitAndRun(25);
  EXPECT_GT(LogBytes(), 0U);
  EXPECT_TRUE(checkpointer_->Truncate().ok());
  EXPECT_EQ(LogBytes(), 0U);
  EXPECT_EQ(checkpointer_->frames(), 0);
}

TEST_F(CheckpointerTest, ACleanStopSaysThatReadersHeldTheLog) {
  Make();
  CommitAndRun(5);
  const auto reader = NewReader();
  CommitAndRun(5);
  EXPECT_EQ(checkpointer_->Truncate().code(), Code::kUnavailable);
  EXPECT_GT(LogBytes(), 0U);
}

}  // namespace
}  // namespace store_test
