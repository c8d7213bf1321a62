#include "wire/client.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fake_writer.h"

namespace wire {
namespace {

using base::Code;
using base::milliseconds;
using records::WriteResult;
using wire_test::FakeWriter;
using wire_test::TakenRecord;

constexpr std::uint64_t kTag = 42;

records::Write ProbeNumber(std::uint8_t number) {
  records::Probe probe;
  probe.record_id.bytes[15] = number;
  return probe;
}

records::Write LongRecord(std::size_t size) {
  records::CreatePlan plan;
  plan.row.features.assign(size, 'x');
  return plan;
}

class ClientTest : public ::testing::Test {
 protected:
  ClientTest() : page_(std::move(*shm::WriterPage::OpenForWriting(folder_.File("page")))) {
    Beat();
    SetState(shm::WriterState::kServing);
    StartWriter();
    client_ = std::make_unique<Client>(
        Client::Options{.socket_path = folder_.File("sock"), .max_pending = 1000}, epoll_fd_.get(),
        kTag, page_, clock_, log_);
  }

  void StartWriter() { writer_ = std::make_unique<FakeWriter>(folder_.File("sock")); }
  void Beat() {
    page_.Set(shm::WriterGauge::kHeartbeatMs,
              static_cast<std::uint64_t>(clock_.SinceBoot().count()));
  }
  void SetState(shm::WriterState state) {
    page_.Set(shm::WriterGauge::kState, static_cast<std::uint64_t>(state));
  }
  base::Status Send(std::uint8_t number) { return Send(number, ProbeNumber(number)); }
  base::Status Send(std::uint8_t number, records::Write write) {
    return client_->Send(std::move(write), [this, number](const WriteResult& result) {
      EXPECT_FALSE(answers_.contains(number)) << "called twice";
      answers_[number] = result;
    });
  }
  // Hands the events that are there to the client, as its loop would; gives how often.
  int Pump() {
    int count = 0;
    for (;;) {
      epoll_event event{};
      if (::epoll_wait(epoll_fd_.get(), &event, 1, 0) != 1) return count;
      EXPECT_EQ(std::uint64_t{event.data.u64}, kTag);
      client_->OnEvents(event.events);
      client_->Flush();
      ++count;
    }
  }
  void Connect() {
    ASSERT_TRUE(Send(1).ok());
    client_->Flush();
    writer_->Accept();
    ASSERT_EQ(writer_->TakeRecords().size(), 1U);
    writer_->Answer({1}, {.code = Code::kOk});
    Pump();
    ASSERT_EQ(answers_.size(), 1U);
    answers_.clear();
  }

  wire_test::TempFolder folder_;
  wire_test::FakeClock clock_;
  base::Log log_{"test", base::Severity::kFatal};
  base::UniqueFd epoll_fd_{::epoll_create1(EPOLL_CLOEXEC)};
  shm::WriterPage page_;
  std::unique_ptr<FakeWriter> writer_;
  std::map<std::uint8_t, WriteResult> answers_;
  std::unique_ptr<Client> client_;
};

TEST_F(ClientTest, EachAnswerGoesToItsRecordWhateverTheOrder) {
  ASSERT_TRUE(Send(1).ok());
  ASSERT_TRUE(Send(2).ok());
  client_->Flush();
  writer_->Accept();
  const auto taken = writer_->TakeRecords();
  ASSERT_EQ(taken.size(), 2U);
  EXPECT_EQ(client_->pending(), 2U);
  writer_->Answer({taken[1].correlation}, {.code = Code::kExists, .id = {7}, .count = 3});
  writer_->Answer({taken[0].correlation}, {.code = Code::kOk});
  Pump();
  ASSERT_EQ(answers_.size(), 2U);
  EXPECT_EQ(answers_[1].code, Code::kOk);
  EXPECT_EQ(answers_[2].code, Code::kExists);
  EXPECT_EQ(answers_[2].id, base::IdBytes{7});
  EXPECT_EQ(answers_[2].count, 3);
  EXPECT_EQ(client_->pending(), 0U);
}

TEST_F(ClientTest, TheRecordsOfATurnShareAFrameAndTheAnswersOfABatchAWakeUp) {
  for (std::uint8_t i = 0; i < 50; ++i) ASSERT_TRUE(Send(i).ok());
  client_->Flush();
  writer_->Accept();
  const auto taken = writer_->TakeRecords();
  ASSERT_EQ(taken.size(), 50U);
  EXPECT_TRUE(writer_->TakeRecords().empty());
  std::vector<std::uint64_t> correlations;
  for (const TakenRecord& record : taken) correlations.push_back(record.correlation);
  writer_->Answer(correlations, {.code = Code::kOk});
  EXPECT_EQ(Pump(), 1);
  EXPECT_EQ(answers_.size(), 50U);
}

TEST_F(ClientTest, NothingIsSentBeforeTheTurnEnds) {
  Connect();
  ASSERT_TRUE(Send(2).ok());
  EXPECT_TRUE(writer_->TakeRecords().empty());
  client_->Flush();
  EXPECT_EQ(writer_->TakeRecords().size(), 1U);
}

TEST_F(ClientTest, RecordsThatFillSeveralFramesArriveInOrder) {
  for (std::uint8_t i = 0; i < 9; ++i) ASSERT_TRUE(Send(i, LongRecord(10'000)).ok());
  client_->Flush();
  writer_->Accept();
  std::uint64_t next = 1;
  for (int frame = 0; frame < 3; ++frame) {
    const auto taken = writer_->TakeRecords();
    ASSERT_EQ(taken.size(), 3U);
    for (const TakenRecord& record : taken) EXPECT_EQ(record.correlation, next++);
  }
}

TEST_F(ClientTest, AfterABreakEveryUnansweredRecordIsSentAgainUnchanged) {
  for (std::uint8_t i = 1; i <= 3; ++i) ASSERT_TRUE(Send(i).ok());
  client_->Flush();
  writer_->Accept();
  const auto first = writer_->TakeRecords();
  ASSERT_EQ(first.size(), 3U);
  writer_->Answer({first[1].correlation}, {.code = Code::kOk});
  Pump();
  clock_.Advance(milliseconds(100));
  writer_->CloseConnection();
  Pump();
  writer_->Accept();
  EXPECT_EQ(writer_->TakeRecords(), (std::vector<TakenRecord>{first[0], first[2]}));
  EXPECT_EQ(answers_.size(), 1U);
  writer_->Answer({first[0].correlation, first[2].correlation}, {.code = Code::kOk});
  Pump();
  EXPECT_EQ(answers_.size(), 3U);
}

TEST_F(ClientTest, AnIdleBreakIsMendedWithTheNextRecord) {
  Connect();
  writer_->CloseConnection();
  Pump();
  EXPECT_FALSE(writer_->SomebodyConnects());
  ASSERT_TRUE(Send(2).ok());
  client_->Flush();
  writer_->Accept();
  EXPECT_EQ(writer_->TakeRecords().size(), 1U);
}

TEST_F(ClientTest, ARecordPastItsDeadlineIsUnavailableAndItsLateAnswerGoesNowhere) {
  ASSERT_TRUE(Send(1).ok());
  client_->Flush();
  writer_->Accept();
  const auto taken = writer_->TakeRecords();
  EXPECT_EQ(taken.at(0).deadline, clock_.SinceBoot() + milliseconds(5000));
  clock_.Advance(milliseconds(4999));
  client_->OnTimer();
  EXPECT_TRUE(answers_.empty());
  EXPECT_EQ(client_->NextTimeout(), milliseconds(1));
  clock_.Advance(milliseconds(1));
  client_->OnTimer();
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[1].code, Code::kUnavailable);
  EXPECT_EQ(client_->pending(), 0U);
  writer_->Answer({taken.at(0).correlation}, {.code = Code::kOk});
  Pump();
  EXPECT_EQ(answers_[1].code, Code::kUnavailable);
}

TEST_F(ClientTest, ARecordThatExpiredUnsentIsNeverSent) {
  writer_.reset();
  ASSERT_TRUE(Send(1).ok());
  client_->Flush();
  clock_.Advance(milliseconds(5000));
  client_->OnTimer();
  EXPECT_EQ(answers_[1].code, Code::kUnavailable);
  StartWriter();
  Beat();
  ASSERT_TRUE(Send(2).ok());
  client_->Flush();
  writer_->Accept();
  const auto taken = writer_->TakeRecords();
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].correlation, 2U);
}

TEST_F(ClientTest, NextTimeoutIsBoundedWhileAnythingIsPending) {
  EXPECT_GT(client_->NextTimeout(), milliseconds(1000));
  ASSERT_TRUE(Send(1).ok());
  client_->Flush();
  EXPECT_EQ(client_->NextTimeout(), milliseconds(1000));
}

TEST_F(ClientTest, RefusesMoreThanItMayHold) {
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(client_->Send(ProbeNumber(0), [](const WriteResult&) {}).ok());
  }
  EXPECT_EQ(Send(1).code(), Code::kFull);
  client_->Flush();
  writer_->Accept();
  writer_->Answer({writer_->TakeRecords().at(0).correlation}, {.code = Code::kOk});
  Pump();
  EXPECT_TRUE(Send(1).ok());
  EXPECT_TRUE(answers_.empty());
}

TEST_F(ClientTest, RefusesARecordThatIsTooLongAndGoesOn) {
  EXPECT_EQ(Send(1, LongRecord(kMaxRecordBytes)).code(), Code::kInvalid);
  EXPECT_EQ(client_->pending(), 0U);
  Connect();
}

TEST_F(ClientTest, WhileTheHeartbeatIsOldOneProbeAtATimeIsLetThrough) {
  Connect();
  clock_.Advance(milliseconds(3000));
  EXPECT_TRUE(Send(2).ok());
  EXPECT_EQ(Send(3).code(), Code::kUnavailable);
  clock_.Advance(milliseconds(5000));
  client_->OnTimer();
  EXPECT_EQ(answers_[2].code, Code::kUnavailable);
  EXPECT_TRUE(Send(4).ok());
  EXPECT_EQ(Send(5).code(), Code::kUnavailable);
  Beat();
  EXPECT_TRUE(Send(6).ok());
}

TEST_F(ClientTest, AnAnswerToTheProbeLetsTheNextOneThrough) {
  Connect();
  clock_.Advance(milliseconds(3000));
  ASSERT_TRUE(Send(2).ok());
  client_->Flush();
  writer_->Answer({writer_->TakeRecords().at(0).correlation}, {.code = Code::kOk});
  Pump();
  EXPECT_EQ(answers_[2].code, Code::kOk);
  EXPECT_TRUE(Send(3).ok());
}

TEST_F(ClientTest, HoldsRecordsWhileTheWriterRestartsAndSendsThemToTheNext) {
  Connect();
  SetState(shm::WriterState::kRestarting);
  ASSERT_TRUE(Send(2).ok());
  client_->Flush();
  EXPECT_TRUE(writer_->TakeRecords().empty());
  writer_->CloseConnection();
  Pump();
  // The listening socket outlives the writer: the connection waits in it for the next one.
  writer_->Accept();
  EXPECT_EQ(writer_->TakeRecords().size(), 1U);
  ASSERT_TRUE(Send(3).ok());
  client_->Flush();
  EXPECT_EQ(writer_->TakeRecords().size(), 1U);
  EXPECT_TRUE(answers_.empty());
}

TEST_F(ClientTest, ConnectsAgainWithABackOffWhileNobodyListens) {
  writer_.reset();
  ASSERT_TRUE(Send(1).ok());
  client_->Flush();
  milliseconds waited{0};
  std::vector<milliseconds> pauses;
  while (waited < milliseconds(2000)) {
    const milliseconds pause = client_->NextTimeout();
    pauses.push_back(pause);
    waited += std::max(pause, milliseconds(1));
    clock_.Advance(pause);
    client_->OnTimer();
  }
  EXPECT_LE(pauses.at(0), milliseconds(10));
  EXPECT_EQ(pauses.back(), milliseconds(200));
  EXPECT_LT(pauses.size(), 20U);
  StartWriter();
  clock_.Advance(client_->NextTimeout());
  client_->OnTimer();
  writer_->Accept();
  EXPECT_EQ(writer_->TakeRecords().size(), 1U);
}

TEST_F(ClientTest, AWriterThatHangsUpOnEveryoneIsMetWithABackOff) {
  ASSERT_TRUE(Send(1).ok());
  client_->Flush();
  int connections = 0;
  for (int round = 0; round < 200; ++round) {
    while (writer_->SomebodyConnects()) {
      writer_->CloseConnection();
      ++connections;
    }
    Pump();
    clock_.Advance(milliseconds(5));
    client_->OnTimer();
  }
  EXPECT_GE(connections, 5);
  EXPECT_LE(connections, 15);  // in one second: 0, 10, 20, 40, 80, 160, 200, ... ms apart
}

TEST_F(ClientTest, WhatTheSocketDoesNotTakeWaitsForRoomAndArrivesInOrder) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(client_->Send(LongRecord(20'000), [](const WriteResult&) {}).ok());
  }
  client_->Flush();
  writer_->Accept();
  EXPECT_EQ(Pump(), 0) << "no wake-up before there is room";
  std::uint64_t next = 1;
  for (int round = 0; round < 1000 && next <= 100; ++round) {
    for (auto taken = writer_->TakeRecords(); !taken.empty(); taken = writer_->TakeRecords()) {
      for (const TakenRecord& record : taken) ASSERT_EQ(record.correlation, next++);
    }
    Pump();
  }
  EXPECT_EQ(next, 101U);
  EXPECT_EQ(Pump(), 0) << "EPOLLOUT is not asked for any more";
}

TEST_F(ClientTest, ABadFrameFromTheWriterBreaksTheConnectionAndLosesNothing) {
  for (const std::string& bad : {std::string("\x09junk"), std::string("\x03\x01\0short", 8),
                                 std::string("\x03\xff\xff", 3)}) {
    answers_.clear();
    ASSERT_TRUE(Send(1).ok());
    client_->Flush();
    if (client_->pending() == 1) writer_->SomebodyConnects();
    writer_->SendRaw(bad);
    Pump();
    clock_.Advance(milliseconds(200));
    Beat();
    client_->OnTimer();
    writer_->Accept();
    const auto taken = writer_->TakeRecords();
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_TRUE(answers_.empty());
    writer_->Answer({taken[0].correlation}, {.code = Code::kOk});
    Pump();
    EXPECT_EQ(answers_[1].code, Code::kOk);
  }
}

TEST_F(ClientTest, AnAnswerNobodyAskedForIsIgnored) {
  Connect();
  writer_->Answer({1, 99, 0}, {.code = Code::kOk});
  Pump();
  EXPECT_TRUE(answers_.empty());
  ASSERT_TRUE(Send(2).ok());
  client_->Flush();
  EXPECT_EQ(writer_->TakeRecords().size(), 1U);
}

TEST_F(ClientTest, ACallbackMaySendTheNextRecord) {
  ASSERT_TRUE(
      client_->Send(ProbeNumber(1), [this](const WriteResult&) { EXPECT_TRUE(Send(2).ok()); })
          .ok());
  client_->Flush();
  writer_->Accept();
  writer_->Answer({writer_->TakeRecords().at(0).correlation}, {.code = Code::kExists});
  Pump();
  const auto taken = writer_->TakeRecords();
  ASSERT_EQ(taken.size(), 1U);
  writer_->Answer({taken[0].correlation}, {.code = Code::kOk});
  Pump();
  EXPECT_EQ(answers_[2].code, Code::kOk);
}

TEST_F(ClientTest, WorksWithoutAPageUntilTheWriterMakesOne) {
  shm::WriterPage missing = shm::WriterPage::OpenForReading(folder_.File("none"));
  EXPECT_EQ(missing.state(), shm::WriterState::kDown);
  Client client({.socket_path = folder_.File("sock")}, epoll_fd_.get(), kTag, missing, clock_,
                log_);
  EXPECT_TRUE(client.Send(ProbeNumber(1), [](const WriteResult&) {}).ok());
  EXPECT_EQ(client.Send(ProbeNumber(2), [](const WriteResult&) {}).code(), Code::kUnavailable);
  auto made = shm::WriterPage::OpenForWriting(folder_.File("none"));
  ASSERT_TRUE(made.ok());
  made->Set(shm::WriterGauge::kHeartbeatMs, static_cast<std::uint64_t>(clock_.SinceBoot().count()));
  EXPECT_TRUE(client.Send(ProbeNumber(2), [](const WriteResult&) {}).ok());
}

// ---- what is still taken when writes pile up; the client takes 1,000 ----

records::Write CodeOf(std::uint8_t tenant) {
  records::CreateDeviceCode code;
  code.organization_id.bytes[15] = tenant;
  return code;
}

records::Write RefreshOf(std::uint8_t tenant) {
  records::RotateRefreshToken refresh;
  refresh.organization_id.bytes[15] = tenant;
  return refresh;
}

class ClientUnderPressure : public ClientTest {
 protected:
  // Sends until one is refused, `most` at the most; gives how many were taken.
  std::size_t Fill(const records::Write& write, std::size_t most) {
    for (std::size_t i = 0; i < most; ++i) {
      if (client_->Send(write, [](const WriteResult&) {}).code() == Code::kFull) return i;
    }
    return most;
  }
  Code Try(const records::Write& write) {
    return client_->Send(write, [](const WriteResult&) {}).code();
  }
};

TEST_F(ClientUnderPressure, AnOrganizationAloneLeavesAnEighthToOthers) {
  EXPECT_EQ(Fill(CodeOf(1), 2000), 875U);
  EXPECT_EQ(Try(CodeOf(2)), Code::kOk);
}

TEST_F(ClientUnderPressure, TheLastEighthIsForOrganizationsWithLessThanHalf) {
  ASSERT_EQ(Fill(CodeOf(1), 600), 600U);
  ASSERT_EQ(Fill(CodeOf(2), 275), 275U);
  EXPECT_EQ(Try(CodeOf(1)), Code::kFull);
  EXPECT_EQ(Fill(CodeOf(2), 2000), 125U);
}

TEST_F(ClientUnderPressure, TokensHavePlacesOfTheirOwn) {
  for (std::uint8_t tenant = 1; tenant <= 10; ++tenant) Fill(CodeOf(tenant), 100);
  EXPECT_EQ(client_->pending(), 1000U);
  EXPECT_EQ(Try(CodeOf(11)), Code::kFull);
  EXPECT_EQ(Fill(RefreshOf(11), 2000), 125U);
}

TEST_F(ClientUnderPressure, TheTokensOfOneOrganizationLeaveRoomToo) {
  EXPECT_EQ(Fill(RefreshOf(1), 2000), 1000U);
  EXPECT_EQ(Try(RefreshOf(2)), Code::kOk);
}

}  // namespace
}  // namespace wire
