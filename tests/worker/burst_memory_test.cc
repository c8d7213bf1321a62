#include "worker/burst_memory.h"

#include <gtest/gtest.h>

namespace worker {
namespace {

using base::milliseconds;

int releases = 0;

class BurstMemoryTest : public ::testing::Test {
 protected:
  BurstMemoryTest() { releases = 0; }
  BurstMemory memory_{[] { ++releases; }};
};

TEST_F(BurstMemoryTest, IsGivenBackOnceWhenABurstHasEbbed) {
  memory_.TurnEnded(2000, milliseconds(1000));
  memory_.TurnEnded(300, milliseconds(1100));
  EXPECT_EQ(releases, 0) << "it has not";
  memory_.TurnEnded(250, milliseconds(1200));
  memory_.TurnEnded(0, milliseconds(9000));
  EXPECT_EQ(releases, 1);
}

TEST_F(BurstMemoryTest, AFewParkedRequestsAreNoBurst) {
  for (int turn = 0; turn < 100; ++turn) {
    memory_.TurnEnded(500, milliseconds(turn * 10'000));
    memory_.TurnEnded(0, milliseconds(turn * 10'000 + 1));
  }
  EXPECT_EQ(releases, 0);
}

TEST_F(BurstMemoryTest, BurstsInARowAreReleasedOnceASecond) {
  for (int turn = 0; turn < 1000; ++turn) {
    memory_.TurnEnded(2000, milliseconds(1000 + turn * 10));
    memory_.TurnEnded(0, milliseconds(1005 + turn * 10));
  }
  EXPECT_LE(releases, 11);
  EXPECT_GE(releases, 9);
}

}  // namespace
}  // namespace worker
