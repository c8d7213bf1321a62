#include "wire/bulk_sender.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include "fake_writer.h"
#include "shm/writer_page.h"

namespace wire {
namespace {

using base::Code;
using records::WriteResult;

constexpr std::size_t kInFlight = 100;

records::Write Numbered(std::uint32_t number) {
  records::Probe probe;
  for (int i = 0; i < 4; ++i)
    probe.record_id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return probe;
}

// A writer in a thread of its own, for this sender waits. It answers a frame after it took the next one
// or after a moment without one, and breaks the connection after `break_after` records, once.
class BusyWriter {
 public:
  BusyWriter(const std::string& path, std::size_t break_after)
      : writer_(path), break_after_(break_after), thread_([this] { Run(); }) {}
  BusyWriter(const BusyWriter&) = delete;
  BusyWriter& operator=(const BusyWriter&) = delete;
  ~BusyWriter() {
    stop_ = true;
    thread_.join();
  }
  std::size_t most_waiting() const { return most_waiting_; }
  std::size_t frames() const { return frames_; }
  std::size_t breaks() const { return breaks_; }

 private:
  void Run() {
    while (!stop_) {
      if (!is_connected_) is_connected_ = writer_.SomebodyConnects();
      const auto frame = is_connected_ ? writer_.TakeFrame() : std::nullopt;
      if (!frame) {
        AnswerAll();
        std::this_thread::yield();
        continue;
      }
      const auto records = ParseRecords(*frame);
      if (!records.ok()) continue;  // HELLO
      ++frames_;
      for (const RecordView& view : *records) waiting_.push_back(view.correlation);
      taken_ += records->size();
      most_waiting_ = std::max<std::size_t>(most_waiting_, waiting_.size());
      if (breaks_ == 0 && taken_ >= break_after_) Break();
    }
  }
  void Break() {
    writer_.CloseConnection();
    is_connected_ = false;
    waiting_.clear();
    ++breaks_;
  }
  void AnswerAll() {
    if (waiting_.empty()) return;
    writer_.Answer(waiting_, {.code = Code::kOk});
    waiting_.clear();
  }

  wire_test::FakeWriter writer_;
  std::size_t break_after_;
  bool is_connected_ = false;
  std::vector<std::uint64_t> waiting_;
  std::size_t taken_ = 0;
  std::atomic<std::size_t> most_waiting_{0};
  std::atomic<std::size_t> frames_{0};
  std::atomic<std::size_t> breaks_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

class BulkSenderTest : public testing::Test {
 protected:
  BulkSenderTest() {
    auto page = shm::WriterPage::OpenForWriting(folder_.File("page"));
    page->Set(shm::WriterGauge::kHeartbeatMs,
              static_cast<std::uint64_t>(base::SystemClock().SinceBoot().count()));
    page->Set(shm::WriterGauge::kState, static_cast<std::uint64_t>(shm::WriterState::kServing));
    sender_ = std::move(*BulkSender::Open({.socket_path = folder_.File("sock"),
                                           .page_path = folder_.File("page"),
                                           .max_in_flight = kInFlight}));
  }

  base::Status SendNumber(std::uint32_t number) {
    return sender_->Send(Numbered(number), [this, number](const WriteResult& result) {
      ++answers_[number];
      if (result.code == Code::kOk) ++good_;
    });
  }

  wire_test::TempFolder folder_;
  std::unique_ptr<BulkSender> sender_;
  std::map<std::uint32_t, int> answers_;
  int good_ = 0;
};

TEST_F(BulkSenderTest, HasEveryRecordAnsweredOnceAndAFewHundredOnTheirWay) {
  BusyWriter writer(folder_.File("sock"), 1'000'000);
  for (std::uint32_t i = 0; i < 3000; ++i) ASSERT_TRUE(SendNumber(i).ok());
  ASSERT_TRUE(sender_->Finish().ok());
  EXPECT_EQ(answers_.size(), 3000U);
  EXPECT_EQ(good_, 3000);
  EXPECT_LE(writer.most_waiting(), kInFlight);
  EXPECT_LT(writer.frames(), 600U) << "many in a frame";
}

TEST_F(BulkSenderTest, SendsAgainWhatABrokenConnectionLost) {
  BusyWriter writer(folder_.File("sock"), 500);
  for (std::uint32_t i = 0; i < 1000; ++i) ASSERT_TRUE(SendNumber(i).ok());
  ASSERT_TRUE(sender_->Finish().ok());
  EXPECT_EQ(writer.breaks(), 1U);
  EXPECT_EQ(good_, 1000);
  for (const auto& [number, times] : answers_) EXPECT_EQ(times, 1) << number;
}

TEST_F(BulkSenderTest, GivesUpAtTheDeadlineWhereNobodyListens) {
  sender_ = std::move(*BulkSender::Open({.socket_path = folder_.File("sock"),
                                         .page_path = folder_.File("page"),
                                         .record_deadline = base::milliseconds(30)}));
  ASSERT_TRUE(SendNumber(1).ok());
  ASSERT_TRUE(sender_->Finish().ok());
  EXPECT_EQ(answers_[1], 1);
  EXPECT_EQ(good_, 0) << "unavailable";
}

TEST_F(BulkSenderTest, RefusesARecordThatIsTooLongWithoutCallingBack) {
  records::CreatePlan plan;
  plan.row.features.assign(30'000, 'x');
  EXPECT_EQ(sender_->Send(plan, [](const WriteResult&) { FAIL(); }).code(), Code::kInvalid);
  EXPECT_TRUE(sender_->Finish().ok());
}

}  // namespace
}  // namespace wire
