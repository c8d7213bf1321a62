// The bytes on the wire, kept as files: a change that old and new processes would not understand in
// each other shows as a difference in tests/wire/golden/. After an intended change (a new record, a
// field appended under a new wire version) write them anew and read the difference before you
// commit it:
//
//   LATCHKEY_WRITE_GOLDEN=1 ctest -R wire.Golden
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "sample_writes.h"
#include "wire/codec.h"
#include "wire/frame.h"

namespace wire {
namespace {

using wire_test::Optionals;

std::filesystem::path PathOf(const std::string& name) {
  return std::filesystem::path(LATCHKEY_SOURCE_DIR) / "tests/wire/golden" / (name + ".hex");
}

std::string Hex(std::string_view bytes) { return base::HexEncode(base::AsBytes(bytes)) + "\n"; }

void ExpectGolden(const std::string& name, const std::string& text) {
  if (std::getenv("LATCHKEY_WRITE_GOLDEN") != nullptr) {
    std::ofstream(PathOf(name)) << text;
  }
  std::ifstream file(PathOf(name));
  ASSERT_TRUE(file.good()) << PathOf(name) << " is missing: see the head of golden_test.cc";
  std::ostringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(text, golden.str()) << name;
}

std::string HexOf(std::size_t type, Optionals optionals) {
  std::string bytes;
  EXPECT_TRUE(AppendRecord(wire_test::SampleWrite(type, optionals), &bytes).ok());
  return Hex(bytes);
}

// First line: every optional field is there; second line: none.
TEST(Golden, EveryRecordHasTheBytesOfItsFile) {
  for (std::size_t type = 0; type < wire_test::kWriteTypes; ++type) {
    const auto name = records::NameOf(wire_test::SampleWrite(type, Optionals::kAbsent));
    ExpectGolden(std::string(name),
                 HexOf(type, Optionals::kPresent) + HexOf(type, Optionals::kAbsent));
  }
}

TEST(Golden, EveryFileDecodesToItsRecord) {
  for (std::size_t type = 0; type < wire_test::kWriteTypes; ++type) {
    const records::Write sample = wire_test::SampleWrite(type, Optionals::kPresent);
    std::ifstream file(PathOf(std::string(records::NameOf(sample))));
    std::string hex;
    ASSERT_TRUE(std::getline(file, hex)) << records::NameOf(sample);
    std::vector<std::uint8_t> bytes(hex.size() / 2);
    ASSERT_TRUE(base::HexDecodeInto(hex, bytes));
    const auto decoded = DecodeRecord(bytes);
    ASSERT_TRUE(decoded.ok()) << records::NameOf(sample);
    EXPECT_TRUE(wire_test::Equal(*decoded, sample)) << records::NameOf(sample);
  }
}

TEST(Golden, FramesHaveTheBytesOfTheirFiles) {
  ExpectGolden(
      "frame_hello",
      Hex(EncodeHello({.version = 1, .pid = 4711, .name = "latchkey", .operator_name = "alice"})));
  std::string entry;
  ASSERT_TRUE(AppendRecordEntry(77, base::milliseconds(123456),
                                wire_test::SampleWrite(records::Write(records::Probe{}).index(),
                                                       Optionals::kPresent),
                                &entry, "203.0.113.7")
                  .ok());
  FrameBuilder records_frame(FrameType::kRecords);
  ASSERT_TRUE(records_frame.Add(entry));
  ASSERT_TRUE(records_frame.Add(entry));
  ExpectGolden("frame_records", Hex(records_frame.bytes()));
  FrameBuilder results_frame(FrameType::kResults);
  ASSERT_TRUE(results_frame.Add(ResultEntry{
      .correlation = 77, .result = {.code = base::Code::kConflict, .id = {1, 2, 3}, .count = 5}}));
  ExpectGolden("frame_results", Hex(results_frame.bytes()));
}

}  // namespace
}  // namespace wire
