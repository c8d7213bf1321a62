#include "worker/death_reporter.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>

#include <csignal>
#include <string>
#include <vector>

#include "worker/fake_writer.h"
#include "worker/loop_process.h"

namespace worker_test {

namespace {

using base::Code;
using base::milliseconds;
using shm::DeathNotes;
using worker::DeathReporter;

class SetClock final : public base::Clock {
 public:
  base::Time Now() const override { return {}; }
  milliseconds SinceBoot() const override { return now; }
  milliseconds now{100000};
};

base::IdBytes Id(std::uint8_t number) {
  base::IdBytes id;
  id.fill(number);
  return id;
}

class DeathReporterTest : public testing::Test {
 protected:
  DeathReporterTest() {
    auto page = shm::WriterPage::OpenForWriting(dir_ / "writer.page");
    page->Set(shm::WriterGauge::kState, static_cast<std::uint64_t>(shm::WriterState::kServing));
    page->Set(shm::WriterGauge::kHeartbeatMs, static_cast<std::uint64_t>(clock_.now.count()));
  }

  void Leave(std::uint8_t number) {
    ASSERT_TRUE(notes_.Leave({.request = Id(number),
                              .address = "2001:db8::1",
                              .child = "api-2",
                              .wait_status = SIGABRT}));
  }
  void Turn() {
    reporter_.TurnEnded();
    client_.Flush();
  }
  // The record that the turn sends; null: it sends none.
  std::optional<FakeWriter::Record> SentInATurn() {
    const std::size_t before = client_.pending();
    Turn();
    return client_.pending() == before ? std::nullopt : writer_.Receive();
  }
  void Answer(const FakeWriter::Record& record, Code code) {
    ASSERT_TRUE(writer_.Answer(record, code));
    epoll_event event{};
    ASSERT_EQ(epoll_wait(epoll_.get(), &event, 1, 20000), 1);
    client_.OnEvents(event.events);
  }

  TempDir dir_;
  SetClock clock_;
  FakeWriter writer_{dir_ / "writer.sock"};
  shm::WriterPage page_ = shm::WriterPage::OpenForReading(dir_ / "writer.page");
  base::Log log_{"test", base::Severity::kError};
  base::UniqueFd epoll_{epoll_create1(EPOLL_CLOEXEC)};
  wire::Client client_{
      {.socket_path = dir_ / "writer.sock", .heartbeat_old = std::chrono::hours(24)},
      epoll_.get(),
      1,
      page_,
      clock_,
      log_};
  std::vector<std::uint64_t> words_ = std::vector<std::uint64_t>(DeathNotes::kWords);
  DeathNotes notes_{words_};
  DeathReporter reporter_{notes_, client_, clock_};
};

TEST_F(DeathReporterTest, SendsWhatTheParentNotedAndNothingElse) {
  EXPECT_FALSE(SentInATurn());
  Leave(7);
  const auto record = SentInATurn();
  ASSERT_TRUE(record);
  const auto* death = std::get_if<records::RecordChildDeath>(&record->write);
  ASSERT_NE(death, nullptr);
  EXPECT_EQ(death->request_id.bytes, Id(7));
  EXPECT_NE(death->record_id.bytes, Id(7)) << "what the request itself had written has that id";
  EXPECT_EQ(death->child, "api-2");
  EXPECT_EQ(death->how, "signal 6 (Aborted)");
  EXPECT_EQ(record->address, "2001:db8::1");
  Answer(*record, Code::kOk);
  EXPECT_FALSE(notes_.HasNotes());
  clock_.now += DeathReporter::kPause;
  EXPECT_FALSE(SentInATurn());
}

TEST_F(DeathReporterTest, SendsOneASecondHoweverManyThereAre) {
  for (std::uint8_t i = 0; i < 3; ++i) Leave(i);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(SentInATurn());
    clock_.now += DeathReporter::kPause - milliseconds(1);
    EXPECT_FALSE(SentInATurn());
    clock_.now += milliseconds(1);
  }
  EXPECT_FALSE(SentInATurn());
}

TEST_F(DeathReporterTest, TheSameRecordGoesAgainWhereTheWriterCouldNotTakeIt) {
  Leave(7);
  const auto first = SentInATurn();
  ASSERT_TRUE(first);
  Answer(*first, Code::kUnavailable);
  EXPECT_TRUE(notes_.HasNotes());
  clock_.now += DeathReporter::kPause;
  const auto again = SentInATurn();
  ASSERT_TRUE(again);
  EXPECT_EQ(RecordIdOf(again->write), RecordIdOf(first->write));
  Answer(*again, Code::kNotFound);  // there is no platform: trying again would not help
  EXPECT_FALSE(notes_.HasNotes());
}

}  // namespace
}  // namespace worker_test
