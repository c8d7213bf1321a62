#include "writer/commit_loop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "loop_fixture.h"
#include "records/tenant.h"

namespace writer_test {
namespace {

using base::Code;
using base::milliseconds;
using shm::WriterGauge;
using shm::WriterState;

using CommitLoopTest = LoopFixture;

std::vector<records::Write> Probes(std::size_t count) {
  return std::vector<records::Write>(count, ProbeNumber(1));
}

TEST_F(CommitLoopTest, AnswersAfterTheCommitAndNotBefore) {
  Start();
  TestPeer peer = Connect();
  store_.CloseGate();
  peer.Send({ProbeNumber(1)});
  ASSERT_TRUE(store_.AwaitAtGate());
  EXPECT_FALSE(peer.HasAnswerNow());
  store_.OpenGate();
  const auto answers = peer.Await(1);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers.at(1).code, Code::kOk);
}

TEST_F(CommitLoopTest, EachRecordGetsItsOwnResult) {
  Start();
  TestPeer peer = Connect();
  peer.Send({ProbeNumber(1), ProbeNumber(99), ProbeNumber(2)});
  const auto answers = peer.Await(3);
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers.at(1).code, Code::kOk);
  EXPECT_EQ(answers.at(2).code, Code::kConflict);
  EXPECT_EQ(answers.at(3).code, Code::kOk);
}

TEST_F(CommitLoopTest, WhatArrivesDuringACommitIsTheNextBatchAndOneAnswerAPeer) {
  Start();
  TestPeer first = Connect();
  TestPeer second = Connect();
  ASSERT_EQ(second.Ask(ProbeNumber(1)), Code::kOk);
  store_.CloseGate();
  first.Send({ProbeNumber(1)});
  ASSERT_TRUE(store_.AwaitAtGate());
  for (int i = 0; i < 10; ++i) first.Send({ProbeNumber(1)});
  for (int i = 0; i < 5; ++i) second.Send({ProbeNumber(1)});
  store_.OpenGate();
  EXPECT_EQ(first.Await(11).size(), 11U);
  EXPECT_EQ(second.Await(5).size(), 5U);
  ASSERT_EQ(store_.batches().size(), 3U);
  EXPECT_EQ(store_.batches()[2].size(), 15U);
  EXPECT_EQ(first.frames(), 2);
  EXPECT_EQ(second.frames(), 2);
}

TEST_F(CommitLoopTest, NoBatchIsLargerThanItsCap) {
  Start({.batch_records = 100});
  TestPeer peer = Connect();
  for (int i = 0; i < 4; ++i) peer.Send(Probes(70));
  EXPECT_EQ(peer.Await(280).size(), 280U);
  std::size_t total = 0;
  for (const auto& batch : store_.batches()) {
    EXPECT_LE(batch.size(), 100U);
    total += batch.size();
  }
  EXPECT_EQ(total, 280U);
}

TEST_F(CommitLoopTest, APeerThatFloodsDoesNotStarveAnother) {
  Start({.batch_records = 100});
  TestPeer flood = Connect();
  TestPeer quiet = Connect();
  ASSERT_EQ(quiet.Ask(ProbeNumber(1)), Code::kOk);
  store_.CloseGate();
  for (int i = 0; i < 9; ++i) flood.Send(Probes(100));
  ASSERT_TRUE(store_.AwaitAtGate());
  quiet.Send({ProbeNumber(7)});
  store_.OpenGate();
  ASSERT_EQ(quiet.Await(1).size(), 1U);
  ASSERT_EQ(flood.Await(900).size(), 900U);
  const auto batches = store_.batches();
  std::size_t batch_of_quiet = 0;
  for (std::size_t i = 1; i < batches.size(); ++i) {
    for (const auto& write : batches[i]) {
      if (records::RecordIdOf(write).bytes[15] == 7) batch_of_quiet = i;
    }
  }
  EXPECT_GE(batch_of_quiet, 2U);
  EXPECT_LE(batch_of_quiet, 4U) << "at most one frame of the other peer goes first";
}

TEST_F(CommitLoopTest, AnOrganizationThatFloodsDoesNotStarveAnotherOfTheSamePeer) {
  Start({.batch_records = 100});
  TestPeer peer = Connect();
  ASSERT_EQ(peer.Ask(ProbeNumber(1)), Code::kOk);
  store_.CloseGate();
  peer.Send({ProbeNumber(1)});
  ASSERT_TRUE(store_.AwaitAtGate());
  records::RevokeGrant noisy;
  noisy.organization_id.bytes[15] = 1;
  records::RevokeGrant quiet;
  quiet.organization_id.bytes[15] = 2;
  for (int i = 0; i < 3; ++i) peer.Send(std::vector<records::Write>(100, noisy));
  peer.Send({quiet});
  store_.OpenGate();
  ASSERT_EQ(peer.Await(302).size(), 302U);
  const auto batches = store_.batches();
  ASSERT_GE(batches.size(), 3U);
  const auto is_quiet = [](const records::Write& write) {
    return records::TenantOf(write).bytes[15] == 2;
  };
  EXPECT_EQ(std::count_if(batches[2].begin(), batches[2].end(), is_quiet), 1)
      << "the first batch after it came, though 300 others came before it";
}

TEST_F(CommitLoopTest, ARecordPastItsDeadlineIsNotApplied) {
  Start();
  TestPeer peer = Connect();
  const std::uint64_t late = peer.Send({ProbeNumber(1)}, milliseconds(-1));
  const std::uint64_t timely = peer.Send({ProbeNumber(2)});
  const auto answers = peer.Await(2);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers.at(late).code, Code::kUnavailable);
  EXPECT_EQ(answers.at(timely).code, Code::kOk);
  for (const auto& batch : store_.batches()) {
    for (const auto& write : batch) EXPECT_EQ(records::RecordIdOf(write).bytes[15], 2);
  }
  EXPECT_EQ(page_.Get(WriterGauge::kRecordsRefused), 1U);
}

TEST_F(CommitLoopTest, RaisesTheGenerationAfterTheCommitAndBeforeTheAnswer) {
  page_.Set(WriterGauge::kDirectoryGeneration, 100);
  Start();
  TestPeer peer = Connect();
  ASSERT_EQ(peer.Ask(ProbeNumber(1)), Code::kOk);
  EXPECT_EQ(page_.generation(), 100U) << "a probe changes no directory row";
  store_.CloseGate();
  peer.Send({records::CreateOrganization{}});
  ASSERT_TRUE(store_.AwaitAtGate());
  EXPECT_EQ(page_.generation(), 100U);
  store_.OpenGate();
  ASSERT_EQ(peer.Await(1).size(), 1U);
  EXPECT_EQ(page_.generation(), 101U);
}

TEST_F(CommitLoopTest, AFullDiskIsAnsweredAndRecoversByItself) {
  Start();
  TestPeer peer = Connect();
  store_.FailWith(Code::kFull);
  EXPECT_EQ(peer.Ask(ProbeNumber(1)), Code::kFull);
  EXPECT_TRUE(AwaitState(WriterState::kDiskFull));
  EXPECT_EQ(peer.Ask(ProbeNumber(1)), Code::kFull);
  store_.FailWith(std::nullopt);
  EXPECT_TRUE(AwaitState(WriterState::kServing)) << "without a record from anybody";
  EXPECT_EQ(peer.Ask(ProbeNumber(1)), Code::kOk);
}

TEST_F(CommitLoopTest, ABusyStoreIsAnsweredAndTriedAgainWithTheNextBatch) {
  Start();
  TestPeer peer = Connect();
  store_.FailWith(Code::kUnavailable);
  EXPECT_EQ(peer.Ask(ProbeNumber(1)), Code::kUnavailable);
  store_.FailWith(std::nullopt);
  EXPECT_EQ(peer.Ask(ProbeNumber(1)), Code::kOk);
}

TEST_F(CommitLoopTest, AStoreThatFailedEndsTheLoopWithoutAnAnswer) {
  for (const Code code : {Code::kInternal, Code::kCorrupt}) {
    Start();
    TestPeer peer = Connect();
    store_.FailWith(code);
    peer.Send({ProbeNumber(1)});
    EXPECT_TRUE(peer.Await(1).empty());
    Join();
    EXPECT_EQ(end_.code(), code);
  }
  EXPECT_EQ(store_.batches().size(), 2U) << "tried once each";
}

TEST_F(CommitLoopTest, AFullLogRefusesWithoutApplyingUntilThereIsRoom) {
  Start();
  TestPeer peer = Connect();
  store_.SetWalFull(true);
  EXPECT_EQ(peer.Ask(ProbeNumber(1)), Code::kFull);
  EXPECT_TRUE(AwaitState(WriterState::kWalFull));
  EXPECT_TRUE(store_.batches().empty());
  store_.SetWalFull(false);
  EXPECT_TRUE(AwaitState(WriterState::kServing));
  EXPECT_EQ(peer.Ask(ProbeNumber(1)), Code::kOk);
}

TEST_F(CommitLoopTest, AStopAnswersWhatWasSentBeforeItAndTakesNothingMore) {
  Start();
  TestPeer peer = Connect();
  store_.CloseGate();
  peer.Send({ProbeNumber(1)});
  ASSERT_TRUE(store_.AwaitAtGate());
  peer.Send(Probes(3));
  AskToStop();
  store_.OpenGate();
  EXPECT_EQ(peer.Await(4).size(), 4U);
  EXPECT_TRUE(peer.IsClosed());
  Join();
  EXPECT_TRUE(end_.ok());
  EXPECT_EQ(page_.state(), WriterState::kRestarting);
  // The listening socket lives on: who comes now waits for the next writer.
  TestPeer next = Connect();
  EXPECT_FALSE(next.HasAnswerNow());
}

TEST_F(CommitLoopTest, TheHeartbeatGoesOnWhenIdle) {
  Start({.heartbeat = milliseconds(5)});
  for (int i = 0; i < 3; ++i) {
    const std::uint64_t beat = page_.Get(WriterGauge::kHeartbeatMs);
    EXPECT_TRUE(Await([&] { return page_.Get(WriterGauge::kHeartbeatMs) > beat; }));
  }
  EXPECT_EQ(page_.state(), WriterState::kServing);
}

TEST_F(CommitLoopTest, SweepsUntilNothingIsLeftWhenIdle) {
  store_.SetExpired(95);
  Start();
  EXPECT_TRUE(Await([&] { return page_.Get(WriterGauge::kExpiredRows) == 95; }));
}

TEST_F(CommitLoopTest, ASlowCommitIsOneWarningWithItsTimeRowsAndQueue) {
  Start({.slow_commit = milliseconds(0)});
  TestPeer peer = Connect();
  peer.Send(Probes(3));
  ASSERT_EQ(peer.Await(3).size(), 3U);
  Stop();
  const std::string log = LogText();
  const std::size_t found = log.find("WARN writer slow_commit duration_ms=");
  ASSERT_NE(found, std::string::npos) << log;
  EXPECT_NE(log.find(" rows=3 queue=0\n", found), std::string::npos) << log;
}

TEST_F(CommitLoopTest, AnOrdinaryBatchLogsNothing) {
  Start({.slow_commit = milliseconds(60'000)});
  TestPeer peer = Connect();
  ASSERT_EQ(peer.Ask(ProbeNumber(1)), Code::kOk);
  const std::string before = LogText();
  ASSERT_EQ(peer.Ask(ProbeNumber(1)), Code::kOk);
  EXPECT_EQ(LogText(), before);
}

TEST_F(CommitLoopTest, ThePageTellsOfBatchesAndCheckpoints) {
  store_.SetCheckpointOutcome(store::CheckpointOutcome::kBusy);
  Start();
  TestPeer peer = Connect();
  peer.Send(Probes(5));
  ASSERT_EQ(peer.Await(5).size(), 5U);
  ASSERT_EQ(peer.Ask(ProbeNumber(1)), Code::kOk);
  EXPECT_EQ(page_.Get(WriterGauge::kRecords), 6U);
  EXPECT_EQ(page_.Get(WriterGauge::kBatches), 2U);
  EXPECT_EQ(page_.Get(WriterGauge::kLastBatchRecords), 1U);
  EXPECT_EQ(page_.Get(WriterGauge::kPeers), 1U);
  EXPECT_EQ(page_.Get(WriterGauge::kWalFrames), 17U);
  EXPECT_TRUE(Await([&] { return page_.Get(WriterGauge::kCheckpointsBusy) > 0; }));
}

}  // namespace
}  // namespace writer_test
