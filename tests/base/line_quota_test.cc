#include "base/line_quota.h"

#include <gtest/gtest.h>

namespace {

using base::LineQuota;
using base::milliseconds;
using base::seconds;

constexpr base::Time kStart{seconds(1'800'000'000)};

int Spend(LineQuota* quota, base::Time now, int tries) {
  int lines = 0;
  for (int i = 0; i < tries; ++i) lines += quota->Take(now) ? 1 : 0;
  return lines;
}

TEST(LineQuota, GivesSomeAtOnceThenOneASecond) {
  LineQuota quota;
  EXPECT_EQ(Spend(&quota, kStart, 100), LineQuota::kAtOnce);
  EXPECT_EQ(Spend(&quota, kStart + milliseconds(999), 100), 0);
  EXPECT_EQ(Spend(&quota, kStart + seconds(1), 100), 1);
  EXPECT_EQ(Spend(&quota, kStart + seconds(4), 100), 3);
  EXPECT_EQ(Spend(&quota, kStart + seconds(4000), 100), LineQuota::kAtOnce);
}

TEST(LineQuota, SaysHowManyWereLeftOut) {
  LineQuota quota;
  Spend(&quota, kStart, LineQuota::kAtOnce + 7);
  EXPECT_EQ(quota.Take(kStart + seconds(2)), 7U);
  EXPECT_EQ(quota.Take(kStart + seconds(2)), 0U);
}

TEST(LineQuota, GoesOnWhenTheClockIsSetBack) {
  LineQuota quota;
  Spend(&quota, kStart, 100);
  EXPECT_EQ(Spend(&quota, kStart - seconds(3600), 5), 0);
  EXPECT_EQ(Spend(&quota, kStart - seconds(3599), 5), 1);
}

}  // namespace
