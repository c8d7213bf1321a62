#include "shm/writer_page.h"

#include <gtest/gtest.h>

#include "wire/fake_writer.h"

namespace shm {
namespace {

using base::milliseconds;

class WriterPageTest : public ::testing::Test {
 protected:
  void Beat(std::int64_t at) {
    writer_.Set(WriterGauge::kHeartbeatMs, static_cast<std::uint64_t>(at));
  }

  wire_test::TempFolder folder_;
  WriterPage writer_{std::move(*WriterPage::OpenForWriting(folder_.File("page")))};
};

TEST_F(WriterPageTest, ReadersSeeWhatTheWriterSets) {
  const WriterPage reader = WriterPage::OpenForReading(folder_.File("page"));
  writer_.Set(WriterGauge::kState, static_cast<std::uint64_t>(WriterState::kDiskFull));
  writer_.RaiseTo(WriterGauge::kDirectoryGeneration, 7);
  writer_.RaiseTo(WriterGauge::kDirectoryGeneration, 5);
  writer_.Add(WriterGauge::kBatches, 2);
  writer_.Add(WriterGauge::kBatches, 3);
  EXPECT_EQ(reader.state(), WriterState::kDiskFull);
  EXPECT_EQ(reader.generation(), 7U);
  EXPECT_EQ(reader.Get(WriterGauge::kBatches), 5U);
  EXPECT_EQ(reader.Get(WriterGauge::kLayoutVersion), kPageLayoutVersion);
}

TEST_F(WriterPageTest, AMissingPageReadsAsZerosUntilItIsThere) {
  const std::string path = folder_.File("later");
  WriterPage reader = WriterPage::OpenForReading(path);
  reader.MapIfMissing();
  EXPECT_EQ(reader.state(), WriterState::kDown);
  EXPECT_EQ(reader.generation(), 0U);
  auto writer = WriterPage::OpenForWriting(path);
  ASSERT_TRUE(writer.ok());
  writer->Set(WriterGauge::kDirectoryGeneration, 3);
  EXPECT_EQ(reader.generation(), 0U);
  reader.MapIfMissing();
  EXPECT_EQ(reader.generation(), 3U);
}

TEST_F(WriterPageTest, TheNextWriterFindsThePageOfTheFormer) {
  const WriterPage reader = WriterPage::OpenForReading(folder_.File("page"));
  writer_.Set(WriterGauge::kDirectoryGeneration, 9);
  auto next = WriterPage::OpenForWriting(folder_.File("page"));
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next->generation(), 9U);
  next->Add(WriterGauge::kDirectoryGeneration, 1);
  EXPECT_EQ(reader.generation(), 10U);
}

TEST_F(WriterPageTest, RefusesThePageOfANewerWriter) {
  writer_.Set(WriterGauge::kLayoutVersion, kPageLayoutVersion + 1);
  EXPECT_EQ(WriterPage::OpenForWriting(folder_.File("page")).status().code(), base::Code::kInvalid);
}

TEST_F(WriterPageTest, IsAliveWhileTheHeartbeatIsYoung) {
  const milliseconds old{3000};
  EXPECT_FALSE(writer_.IsAlive(milliseconds(10), old)) << "never beat";
  Beat(10'000);
  EXPECT_TRUE(writer_.IsAlive(milliseconds(12'999), old));
  EXPECT_FALSE(writer_.IsAlive(milliseconds(13'000), old));
  EXPECT_TRUE(writer_.IsAlive(milliseconds(9'999), old)) << "read a moment before the beat";
}

TEST_F(WriterPageTest, AHeartbeatOfAFormerBootIsNoSignOfLife) {
  Beat(900'000'000);
  EXPECT_FALSE(writer_.IsAlive(milliseconds(20'000), milliseconds(3000)));
}

}  // namespace
}  // namespace shm
