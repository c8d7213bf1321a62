#include "base/rfc3339.h"

#include <gtest/gtest.h>

#include <array>
#include <ctime>
#include <limits>
#include <string>

namespace base {
namespace {

std::string ByTheLibrary(std::int64_t unix_seconds) {
  const auto time = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 40> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

TEST(Rfc3339, TellsTheSecondInUtc) {
  EXPECT_EQ(Rfc3339(base::Time()), "1970-01-01T00:00:00Z");
  EXPECT_EQ(Rfc3339(base::FromUnixMillis(951'782'399'999)), "2000-02-28T23:59:59Z");
  EXPECT_EQ(Rfc3339(base::FromUnixMillis(-1)), "1969-12-31T23:59:59Z");
}

// In steps that meet every month, weekday and time of day, from 1001 to 9999.
TEST(Rfc3339, SaysWhatTheLibrarySays) {
  for (std::int64_t second = -30'578'000'000; second < 253'402'300'000; second += 10'000'019) {
    EXPECT_EQ(Rfc3339(base::FromUnixMillis(second * 1000)), ByTheLibrary(second));
  }
}

TEST(Rfc3339, HasFourDigitsOfAYearWhateverTheTime) {
  using Limits = std::numeric_limits<std::int64_t>;
  EXPECT_EQ(Rfc3339(base::FromUnixMillis(Limits::min())), "0000-01-01T00:00:00Z");
  EXPECT_EQ(Rfc3339(base::FromUnixMillis(Limits::max())), "9999-12-31T23:59:59Z");
}

}  // namespace
}  // namespace base
