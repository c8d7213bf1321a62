#include "base/number.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace {

using base::ParseNumber;

TEST(ParseNumber, TakesTheWholeTextOrNothing) {
  EXPECT_EQ(ParseNumber<int>("0"), 0);
  EXPECT_EQ(ParseNumber<int>("-12"), -12);
  EXPECT_EQ(ParseNumber<std::int64_t>("9223372036854775807"),
            std::numeric_limits<std::int64_t>::max());
  for (const char* text : {"", "-", "+1", " 1", "1 ", "1x", "0x1", "1.5", "1e3", "\xd9\xa1"}) {
    EXPECT_EQ(ParseNumber<std::int64_t>(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseNumber<std::int64_t>("9223372036854775808"), std::nullopt);
  EXPECT_EQ(ParseNumber<std::uint32_t>("-1"), std::nullopt);
}

}  // namespace
