#include "wire/codec.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "sample_writes.h"
#include "wire/frame.h"

namespace wire {
namespace {

using base::AsBytes;
using base::Code;
using wire_test::kWriteTypes;
using wire_test::Optionals;
using wire_test::RandomSource;
using wire_test::Tight;

std::string Encode(const records::Write& write) {
  std::string bytes;
  EXPECT_TRUE(AppendRecord(write, &bytes).ok());
  return bytes;
}

// A copy that ends where its heap block ends, so that a sanitizer sees a read past it.

TEST(Codec, RandomRecordsComeBackAsTheyWere) {
  RandomSource source(7);
  for (int round = 0; round < 200; ++round) {
    for (std::size_t type = 0; type < kWriteTypes; ++type) {
      const records::Write write = wire_test::MakeWrite(type, &source);
      const auto decoded = DecodeRecord(Tight(Encode(write)));
      ASSERT_TRUE(decoded.ok()) << records::NameOf(write) << decoded.error().ToString();
      ASSERT_TRUE(wire_test::Equal(write, *decoded)) << records::NameOf(write);
    }
  }
}

TEST(Codec, EveryTruncationAndEveryExtensionIsCorrupt) {
  for (std::size_t type = 0; type < kWriteTypes; ++type) {
    const std::string bytes = Encode(wire_test::SampleWrite(type, Optionals::kPresent));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto decoded = DecodeRecord(Tight(bytes.substr(0, size)));
      ASSERT_FALSE(decoded.ok()) << type << " cut at " << size;
      ASSERT_EQ(decoded.error().code(), Code::kCorrupt);
    }
    EXPECT_EQ(DecodeRecord(Tight(bytes + '\0')).status().code(), Code::kCorrupt);
  }
}

TEST(Codec, RandomBytesNeverCrashAndWhatDecodesEncodesTheSame) {
  RandomSource source(11);
  for (int round = 0; round < 100'000; ++round) {
    std::string bytes = source.Text();
    if (bytes.size() >= 2) {
      bytes[0] = static_cast<char>(source.Below(kWriteTypes + 1));
      bytes[1] = 0;
    }
    const auto decoded = DecodeRecord(Tight(bytes));
    if (decoded.ok()) {
      ASSERT_EQ(Encode(*decoded), bytes);
    }
  }
}

TEST(Codec, FlippedBytesNeverCrashAndWhatDecodesEncodesTheSame) {
  RandomSource source(13);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = Encode(wire_test::MakeWrite(source.Below(kWriteTypes), &source));
    bytes[source.Below(bytes.size())] ^= static_cast<char>(1U << source.Below(8));
    const auto decoded = DecodeRecord(Tight(bytes));
    if (decoded.ok()) {
      ASSERT_EQ(Encode(*decoded), bytes);
    }
  }
}

// Each string field in turn: whether the record is refused for what is in it.
TEST(Codec, TextIsUtf8WithoutNulAndBytesAreAnything) {
  for (std::size_t type = 0; type < kWriteTypes; ++type) {
    const std::string good = Encode(wire_test::SampleWrite(type, Optionals::kPresent));
    for (std::size_t at = good.find("text-"); at != std::string::npos;
         at = good.find("text-", at + 1)) {
      for (const std::string_view bad : {std::string_view("\xe9"), std::string_view("\0", 1)}) {
        std::string bytes = good;
        bytes[at] = bad[0];
        const auto decoded = DecodeRecord(AsBytes(bytes));
        if (decoded.ok()) {
          EXPECT_TRUE(std::holds_alternative<records::CreateSigningKey>(*decoded)) << type;
          EXPECT_EQ(Encode(*decoded), bytes);
        } else {
          EXPECT_EQ(decoded.status().code(), Code::kInvalid) << type;
        }
      }
    }
  }
  records::CreateSession record;
  for (const std::string& bad : {std::string("Mozilla \xe4"), std::string("a\0b", 3)}) {
    record.user_agent = bad;
    std::string bytes = "before";
    EXPECT_EQ(AppendRecord(record, &bytes).code(), Code::kInvalid);
    EXPECT_EQ(bytes, "before");
  }
  records::CreateSigningKey with_bytes;
  with_bytes.row.public_key = std::string("\0\xff", 2);
  with_bytes.row.wrapped_private_key = "\xfe";
  const auto key = *DecodeRecord(AsBytes(Encode(with_bytes)));
  EXPECT_EQ(std::get<records::CreateSigningKey>(key).row.public_key, std::string("\0\xff", 2));
}

TEST(Codec, RefusesUnknownTypes) {
  std::string bytes = Encode(wire_test::SampleWrite(kWriteTypes - 1, Optionals::kPresent));
  bytes[0] = static_cast<char>(kWriteTypes);
  EXPECT_EQ(DecodeRecord(Tight(bytes)).status().code(), Code::kCorrupt);
  bytes[0] = 0;
  bytes[1] = 1;
  EXPECT_EQ(DecodeRecord(Tight(bytes)).status().code(), Code::kCorrupt);
}

TEST(Codec, RefusesEnumsAndBoolsOutOfRange) {
  records::CreateMembership membership;
  membership.role = records::Role::kCount;
  EXPECT_EQ(DecodeRecord(Tight(Encode(membership))).status().code(), Code::kCorrupt);
  std::string bytes = Encode(records::DecideDeviceCode{});
  bytes[2 + 3 * 16] = 2;  // approve
  EXPECT_EQ(DecodeRecord(Tight(bytes)).status().code(), Code::kCorrupt);
}

TEST(Codec, RefusesRecordsThatAreTooLongAndLeavesTheBufferAsItWas) {
  std::string bytes = "before";
  records::CreatePlan plan;
  plan.row.features.assign(kMaxRecordBytes, 'x');
  EXPECT_EQ(AppendRecord(plan, &bytes).code(), Code::kInvalid);
  plan.row.features.assign(70'000, 'x');  // longer than its length field can say
  EXPECT_EQ(AppendRecord(plan, &bytes).code(), Code::kInvalid);
  EXPECT_EQ(bytes, "before");
}

TEST(Codec, TheLongestRecordFitsIntoAFrame) {
  records::CreatePlan plan;
  const std::size_t rest = Encode(plan).size();
  plan.row.features.assign(kMaxRecordBytes - rest, 'x');
  std::string entry;
  ASSERT_TRUE(AppendRecordEntry(1, base::milliseconds(1), plan, &entry).ok());
  FrameBuilder frame(FrameType::kRecords);
  EXPECT_TRUE(frame.Add(entry));
  plan.row.features.push_back('x');
  EXPECT_FALSE(AppendRecord(plan, &entry).ok());
}

}  // namespace
}  // namespace wire
