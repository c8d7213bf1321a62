#include "crypto/random.h"

#include <gtest/gtest.h>
#include <uuid/uuid.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "base/bytes.h"
#include "crypto/crypto_testing.h"
#include "crypto/uuid_v7.h"

namespace {

using testing_crypto::FromHex;
using testing_crypto::ScriptedRandom;

TEST(SystemRandom, NeverHandsOutTheSameBytesTwice) {
  crypto::SystemRandom random;
  std::set<std::array<std::uint8_t, 24>> seen;
  for (int i = 0; i < 10'000; ++i) {  // 24 does not divide the buffer: draws run across refills
    std::array<std::uint8_t, 24> bytes{};
    random.Fill(bytes);
    EXPECT_TRUE(seen.insert(bytes).second);
  }
}

TEST(SystemRandom, FillsEverySizeToTheLastByte) {
  crypto::SystemRandom random;
  for (const std::size_t size : {1U, 511U, 512U, 513U, 5000U}) {
    std::vector<std::uint8_t> bytes(size + 1, 0);
    bool last_byte_written = false;
    for (int i = 0; i < 64 && !last_byte_written; ++i) {
      random.Fill(std::span(bytes).first(size));
      last_byte_written = bytes[size - 1] != 0;
    }
    EXPECT_TRUE(last_byte_written) << size;
    EXPECT_EQ(bytes[size], 0) << "wrote past the end of " << size;
  }
}

// Six deviations: a fair source fails this once in 500 million runs of each byte value's test.
TEST(SystemRandom, GivesEveryByteValueAsOften) {
  crypto::SystemRandom random;
  std::array<int, 256> count{};
  std::array<std::uint8_t, 256> bytes{};
  for (int i = 0; i < 1000; ++i) {
    random.Fill(bytes);
    for (const std::uint8_t byte : bytes) ++count[byte];
  }
  const auto [least, most] = std::ranges::minmax(count);
  EXPECT_GT(least, 1000 - 6 * 32);
  EXPECT_LT(most, 1000 + 6 * 32);
}

// RFC 9562 appendix A.6.
TEST(NewUuidV7, LaysOutTheExampleOfRfc9562) {
  ScriptedRandom random(FromHex("0cc318c4dc0c0c07398f"));
  const auto id = crypto::NewUuidV7(base::FromUnixMillis(0x017F22E279B0), random);
  EXPECT_EQ(base::UuidText(id), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST(NewUuidV7, KeepsVersionAndVariantWhateverIsDrawn) {
  for (const char byte : {'\x00', '\x55', '\xff'}) {
    ScriptedRandom random(std::string(1, byte));
    const auto id = crypto::NewUuidV7(base::FromUnixMillis(1), random);
    EXPECT_EQ(uuid_type(id.data()), 7);
    EXPECT_EQ(uuid_variant(id.data()), UUID_VARIANT_DCE);
  }
}

TEST(NewUuidV7, SortsByTimeAndTakesATimeBefore1970AsZero) {
  ScriptedRandom ones("\xff");
  ScriptedRandom zeros(std::string(1, '\0'));
  const auto earlier = crypto::NewUuidV7(base::FromUnixMillis(1'764'000'000'000), ones);
  const auto later = crypto::NewUuidV7(base::FromUnixMillis(1'764'000'000'001), zeros);
  EXPECT_LT(earlier, later);
  EXPECT_EQ(base::UuidText(crypto::NewUuidV7(base::FromUnixMillis(-5), zeros)).substr(0, 13),
            "00000000-0000");
}

}  // namespace
