#include "wire/frame.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sample_writes.h"

namespace wire {
namespace {

using base::Code;
using base::milliseconds;
using wire_test::RandomSource;
using wire_test::Tight;

std::string RecordsFrame(int count) {
  FrameBuilder frame(FrameType::kRecords);
  for (int i = 0; i < count; ++i) {
    std::string entry;
    EXPECT_TRUE(AppendRecordEntry(static_cast<std::uint64_t>(i), milliseconds(i * 10),
                                  records::Probe{}, &entry)
                    .ok());
    EXPECT_TRUE(frame.Add(entry));
  }
  return std::string(frame.bytes());
}

std::string ResultsFrame(int count) {
  FrameBuilder frame(FrameType::kResults);
  for (int i = 0; i < count; ++i) {
    ResultEntry entry{.correlation = static_cast<std::uint64_t>(i), .result = {}};
    entry.result = {.code = Code::kConflict, .id = {1, 2, 3}, .count = -i};
    EXPECT_TRUE(frame.Add(entry));
  }
  return std::string(frame.bytes());
}

TEST(Frame, HelloComesBackAsItWas) {
  const auto hello = ParseHello(Tight(EncodeHello({.version = 9, .pid = 4711, .name = "api-2"})));
  ASSERT_TRUE(hello.ok());
  EXPECT_EQ(hello->version, 9);
  EXPECT_EQ(hello->pid, 4711U);
  EXPECT_EQ(hello->name, "api-2");
}

TEST(Frame, HelloCutsALongName) {
  const auto hello = ParseHello(Tight(EncodeHello({.name = std::string(500, 'n')})));
  ASSERT_TRUE(hello.ok());
  EXPECT_EQ(hello->name, std::string(kMaxNameBytes, 'n'));
}

TEST(Frame, HelloNamesTheOperator) {
  const auto named =
      ParseHello(Tight(EncodeHello({.pid = 1, .name = "latchkey", .operator_name = "alice"})));
  ASSERT_TRUE(named.ok());
  EXPECT_EQ(named->operator_name, "alice");
}

TEST(Frame, ARecordCarriesTheAddressOfItsClientCutToABound) {
  for (const std::string& address :
       {std::string(), std::string("2001:db8::1"), std::string(200, '1')}) {
    std::string entry;
    ASSERT_TRUE(AppendRecordEntry(7, milliseconds(5), records::Probe{}, &entry, address).ok());
    FrameBuilder frame(FrameType::kRecords);
    ASSERT_TRUE(frame.Add(entry));
    const auto bytes = Tight(frame.bytes());
    const auto records = ParseRecords(bytes);
    ASSERT_TRUE(records.ok());
    EXPECT_EQ((*records)[0].address, address.substr(0, kMaxAddressBytes));
    EXPECT_TRUE(DecodeRecord((*records)[0].record).ok());
  }
}

TEST(Frame, AnAddressLongerThanItsBoundIsCorrupt) {
  std::string entry;
  ASSERT_TRUE(AppendRecordEntry(7, milliseconds(5), records::Probe{}, &entry, "1").ok());
  FrameBuilder frame(FrameType::kRecords);
  ASSERT_TRUE(frame.Add(entry));
  std::string bytes(frame.bytes());
  bytes[3 + 20] = static_cast<char>(kMaxAddressBytes + 1);
  bytes.insert(3 + 21, kMaxAddressBytes, '1');
  EXPECT_FALSE(ParseRecords(Tight(bytes)).ok());
}

TEST(Frame, ProgressComesBackAsItWas) {
  const auto progress = ParseProgress(Tight(EncodeProgress({.code = Code::kFull,
                                                            .is_over = true,
                                                            .copied_pages = 17,
                                                            .total_pages = 4711,
                                                            .reason = "no room"})));
  ASSERT_TRUE(progress.ok());
  EXPECT_EQ(progress->code, Code::kFull);
  EXPECT_TRUE(progress->is_over);
  EXPECT_EQ(progress->copied_pages, 17);
  EXPECT_EQ(progress->total_pages, 4711);
  EXPECT_EQ(progress->reason, "no room");
}

TEST(Frame, ProgressCutsALongReason) {
  const auto progress = ParseProgress(Tight(EncodeProgress({.reason = std::string(9000, 'r')})));
  ASSERT_TRUE(progress.ok());
  EXPECT_EQ(progress->reason, std::string(kMaxReasonBytes, 'r'));
}

TEST(Frame, ProgressOfAnyOtherShapeIsRefused) {
  const std::string good = EncodeProgress({.copied_pages = 1, .total_pages = 2, .reason = "why"});
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(ParseProgress(Tight(good.substr(0, size))).ok()) << size;
  }
  EXPECT_FALSE(ParseProgress(Tight(good + "x")).ok());
  std::string bad_code = good;
  bad_code[1] = 11;
  EXPECT_FALSE(ParseProgress(Tight(bad_code)).ok());
  std::string bad_over = good;
  bad_over[2] = 2;
  EXPECT_FALSE(ParseProgress(Tight(bad_over)).ok());
}

TEST(Frame, ABackupIsAskedForByOneByte) {
  EXPECT_TRUE(ParseBackup(Tight(EncodeBackup())).ok());
  EXPECT_FALSE(ParseBackup(Tight(EncodeBackup() + "x")).ok());
  EXPECT_FALSE(ParseBackup(Tight("")).ok());
  EXPECT_FALSE(ParseBackup(Tight(RecordsFrame(1))).ok());
}

TEST(Frame, RecordsComeBackInOrder) {
  const auto frame = Tight(RecordsFrame(3));
  const auto records = ParseRecords(frame);
  ASSERT_TRUE(records.ok());
  ASSERT_EQ(records->size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ((*records)[i].correlation, i);
    EXPECT_EQ((*records)[i].deadline, milliseconds(i * 10));
    EXPECT_TRUE(DecodeRecord((*records)[i].record).ok());
  }
}

TEST(Frame, ResultsComeBackInOrder) {
  const auto results = ParseResults(Tight(ResultsFrame(300)));
  ASSERT_TRUE(results.ok());
  ASSERT_EQ(results->size(), 300U);
  EXPECT_EQ((*results)[299].correlation, 299U);
  EXPECT_EQ((*results)[299].result.code, Code::kConflict);
  EXPECT_EQ((*results)[299].result.id, (base::IdBytes{1, 2, 3}));
  EXPECT_EQ((*results)[299].result.count, -299);
}

TEST(Frame, ABuilderNeverExceedsAPacketAndLosesNothing) {
  FrameBuilder frame(FrameType::kResults);
  std::size_t added = 0;
  while (frame.Add(ResultEntry{})) ++added;
  EXPECT_LE(frame.bytes().size(), kMaxFrameBytes);
  EXPECT_EQ(ParseResults(Tight(frame.bytes()))->size(), added);
  frame.Clear();
  EXPECT_TRUE(frame.empty());
  EXPECT_TRUE(frame.Add(ResultEntry{}));
}

TEST(Frame, EveryTruncationAndExtensionIsCorrupt) {
  const std::string hello = EncodeHello({.name = "api"});
  const std::string records = RecordsFrame(2);
  const std::string results = ResultsFrame(2);
  for (std::size_t i = 0; i < hello.size(); ++i) {
    EXPECT_FALSE(ParseHello(Tight(hello.substr(0, i))).ok());
  }
  for (std::size_t i = 0; i < records.size(); ++i) {
    EXPECT_FALSE(ParseRecords(Tight(records.substr(0, i))).ok());
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_FALSE(ParseResults(Tight(results.substr(0, i))).ok());
  }
  EXPECT_FALSE(ParseHello(Tight(hello + "x")).ok());
  EXPECT_FALSE(ParseRecords(Tight(records + "x")).ok());
  EXPECT_FALSE(ParseResults(Tight(results + "x")).ok());
}

TEST(Frame, ACountOfZeroOrBeyondTheFrameIsCorrupt) {
  std::string frame = RecordsFrame(1);
  frame[1] = frame[2] = '\xff';
  EXPECT_EQ(ParseRecords(Tight(frame)).status().code(), Code::kCorrupt);
  EXPECT_EQ(ParseRecords(Tight(std::string("\x02\0\0", 3))).status().code(), Code::kCorrupt);
}

TEST(Frame, ARecordLongerThanAllowedIsCorrupt) {
  std::string frame = RecordsFrame(1);
  frame.resize(kMaxFrameBytes, '\0');
  const std::size_t length = kMaxFrameBytes - 3 - 20;
  frame[3] = static_cast<char>(length & 0xff);
  frame[4] = static_cast<char>(length >> 8);
  EXPECT_EQ(ParseRecords(Tight(frame)).status().code(), Code::kCorrupt);
}

TEST(Frame, AnUnknownCodeIsCorrupt) {
  std::string frame = ResultsFrame(1);
  frame[3 + 8] = static_cast<char>(static_cast<int>(Code::kInternal) + 1);
  EXPECT_EQ(ParseResults(Tight(frame)).status().code(), Code::kCorrupt);
}

TEST(Frame, FramesOfAnotherTypeAreCorrupt) {
  EXPECT_FALSE(ParseRecords(Tight(ResultsFrame(1))).ok());
  EXPECT_FALSE(ParseResults(Tight(RecordsFrame(1))).ok());
  EXPECT_FALSE(ParseHello(Tight(RecordsFrame(1))).ok());
}

TEST(Frame, RandomBytesNeverCrash) {
  RandomSource source(5);
  int parsed = 0;
  for (int round = 0; round < 100'000; ++round) {
    std::string bytes = source.Text();
    if (bytes.size() >= 3) {
      bytes[0] = static_cast<char>(1 + source.Below(3));
      bytes[1] = static_cast<char>(source.Below(3));
      bytes[2] = 0;
    }
    const auto frame = Tight(bytes);
    parsed += ParseHello(frame).ok() ? 1 : 0;
    parsed += ParseRecords(frame).ok() ? 1 : 0;
    parsed += ParseResults(frame).ok() ? 1 : 0;
  }
  EXPECT_LT(parsed, 1000);
}

}  // namespace
}  // namespace wire
