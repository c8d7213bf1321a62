#include "shm/rate_slots.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "shm/slots_testing.h"

namespace {

using shm::RateSlots;
using shm::WhenFull;
using testing_shm::Gate;
using testing_shm::milliseconds;
using testing_shm::RunInProcesses;
using testing_shm::seconds;
using testing_shm::SharedWords;

constexpr seconds kWindow{60};
constexpr std::uint64_t kKey = 42;

class Rates {
 public:
  explicit Rates(std::size_t words = 1024, WhenFull when_full = WhenFull::kRefuse)
      : words_(words), slots_(words_, 7, when_full) {}
  bool Take(std::uint64_t key, std::uint32_t limit, milliseconds now) {
    return slots_.Take(key, limit, kWindow, now);
  }
  std::uint32_t Count(std::uint64_t key, milliseconds now) { return slots_.Count(key, now); }
  std::vector<std::uint64_t>& words() { return words_; }
  RateSlots& slots() { return slots_; }

 private:
  std::vector<std::uint64_t> words_;
  RateSlots slots_;
};

TEST(RateSlots, AllowAsManyEventsAsTheLimitAndCountNoRefusedOnes) {
  Rates rates;
  for (std::uint32_t i = 1; i <= 5; ++i) {
    EXPECT_TRUE(rates.Take(kKey, 5, seconds(10)));
    EXPECT_EQ(rates.Count(kKey, seconds(10)), i);
  }
  EXPECT_FALSE(rates.Take(kKey, 5, seconds(10)));
  EXPECT_FALSE(rates.Take(kKey, 5, seconds(69)));
  EXPECT_EQ(rates.Count(kKey, seconds(69)), 5U);
  EXPECT_TRUE(rates.Take(kKey, 6, seconds(69))) << "a higher limit";
}

TEST(RateSlots, StartAfreshWhenTheWindowHasPassed) {
  for (const milliseconds start : {milliseconds(0), milliseconds(999), milliseconds(1LL << 37)}) {
    Rates rates;
    EXPECT_TRUE(rates.Take(kKey, 1, start));
    EXPECT_FALSE(rates.Take(kKey, 1, start + kWindow - milliseconds(1)));
    EXPECT_EQ(rates.Count(kKey, start + kWindow + seconds(1)), 0U);
    EXPECT_TRUE(rates.Take(kKey, 1, start + kWindow + seconds(1)));
    EXPECT_FALSE(rates.Take(kKey, 1, start + kWindow + kWindow));
  }
}

TEST(RateSlots, KeepTheWindowOfTheFirstEvent) {
  Rates rates;
  EXPECT_TRUE(rates.Take(kKey, 2, seconds(0)));
  EXPECT_TRUE(rates.Take(kKey, 2, seconds(59)));
  EXPECT_TRUE(rates.Take(kKey, 2, seconds(60))) << "the second event does not prolong the window";
}

TEST(RateSlots, RefuseEverythingAtALimitOfZeroAndCountUpToAMillion) {
  Rates rates;
  EXPECT_FALSE(rates.Take(kKey, 0, seconds(1)));
  EXPECT_EQ(rates.Count(kKey, seconds(1)), 0U);
  for (int i = 0; i < 1'000'000; ++i) ASSERT_TRUE(rates.Take(kKey, UINT32_MAX, seconds(1)));
  EXPECT_EQ(rates.Count(kKey, seconds(1)), 1'000'000U);
  EXPECT_FALSE(rates.Take(kKey, 1'000'000, seconds(1)));
}

TEST(RateSlots, KeepKeysApart) {
  Rates rates(1 << 14);
  for (std::uint64_t key = 0; key < 1'000; ++key) {
    for (std::uint64_t i = 0; i <= key % 7; ++i) ASSERT_TRUE(rates.Take(key, 100, seconds(1)));
  }
  for (std::uint64_t key = 0; key < 1'000; ++key) {
    EXPECT_EQ(rates.Count(key, seconds(2)), key % 7 + 1) << key;
  }
  EXPECT_EQ(rates.Count(1'000, seconds(2)), 0U);
}

// Refuse rather than forget: else whoever fills the table clears every count in it.
TEST(RateSlots, RefuseNewKeysWhereAllEntriesAreLiveAndForgetNone) {
  Rates rates(RateSlots::kWordsPerBucket);
  for (std::uint64_t key = 0; key < 16; ++key) ASSERT_TRUE(rates.Take(key, 2, seconds(1)));
  for (std::uint64_t key = 16; key < 100; ++key) EXPECT_FALSE(rates.Take(key, 2, seconds(2)));
  for (std::uint64_t key = 0; key < 16; ++key) {
    EXPECT_EQ(rates.Count(key, seconds(2)), 1U);
    EXPECT_TRUE(rates.Take(key, 2, seconds(2)));
  }
}

TEST(RateSlots, OfAQuotaLetAKeyWithoutRoomPassAndForgetNobodyForIt) {
  Rates rates(RateSlots::kWordsPerBucket, WhenFull::kLetPass);
  for (std::uint64_t key = 0; key < RateSlots::kSlotsPerBucket; ++key) {
    EXPECT_TRUE(rates.Take(key, 1, seconds(1)));
  }
  EXPECT_TRUE(rates.Take(100, 1, seconds(2)));
  EXPECT_TRUE(rates.Take(100, 1, seconds(2))) << "nowhere to count it";
  EXPECT_EQ(rates.Count(100, seconds(2)), 0U);
  for (std::uint64_t key = 0; key < RateSlots::kSlotsPerBucket; ++key) {
    EXPECT_FALSE(rates.Take(key, 1, seconds(2)));
  }
}

TEST(RateSlots, ShowAKeyWithoutRoomAsSpent) {
  Rates rates(RateSlots::kWordsPerBucket);
  for (std::uint64_t key = 0; key < 15; ++key) ASSERT_TRUE(rates.Take(key, 2, seconds(1)));
  EXPECT_EQ(rates.Count(100, seconds(2)), 0U) << "there is room for one";
  ASSERT_TRUE(rates.Take(15, 2, seconds(1)));
  EXPECT_EQ(rates.Count(100, seconds(2)), RateSlots::kNoRoom);
  EXPECT_EQ(rates.Count(15, seconds(2)), 1U);
  EXPECT_EQ(rates.Count(100, seconds(61)), 0U) << "all have expired";
}

TEST(RateSlots, EvictOnlyWhatHasExpired) {
  Rates rates(RateSlots::kWordsPerBucket);
  for (std::uint64_t key = 0; key < 16; ++key) {
    ASSERT_TRUE(rates.Take(key, 1, seconds(static_cast<std::int64_t>(key))));
  }
  EXPECT_TRUE(rates.Take(100, 1, seconds(60)));  // 0 has expired, no other
  EXPECT_FALSE(rates.Take(101, 1, seconds(60)));
  for (std::uint64_t key = 1; key < 16; ++key) EXPECT_FALSE(rates.Take(key, 1, seconds(60)));
  EXPECT_FALSE(rates.Take(0, 1, seconds(60))) << "its entry is gone, and there is no other";
}

TEST(RateSlots, CountWindowsOfDifferentLengthsSideBySide) {
  Rates rates;
  EXPECT_TRUE(rates.slots().Take(1, 1, seconds(10), seconds(0)));
  EXPECT_TRUE(rates.slots().Take(2, 1, seconds(900), seconds(0)));
  EXPECT_TRUE(rates.slots().Take(1, 1, seconds(10), seconds(10)));
  EXPECT_FALSE(rates.slots().Take(2, 1, seconds(900), seconds(899)));
  EXPECT_TRUE(rates.slots().Take(2, 1, seconds(900), seconds(900)));
}

TEST(RateSlots, TakeTheLongestWindowForALongerOne) {
  Rates rates;
  EXPECT_TRUE(rates.slots().Take(1, 1, seconds(INT32_MAX), seconds(0)));
  EXPECT_FALSE(rates.slots().Take(1, 1, seconds(INT32_MAX), RateSlots::kMaxWindow - seconds(1)));
  EXPECT_TRUE(rates.slots().Take(1, 1, seconds(INT32_MAX), RateSlots::kMaxWindow));
}

// An address that was refused and comes back weeks later must find itself forgotten.
TEST(RateSlots, NeverTakeAnOldEntryForALiveOne) {
  Rates rates;
  EXPECT_TRUE(rates.Take(kKey, 1, seconds(0)));
  for (std::int64_t day = 1; day < 2'000; ++day) {
    EXPECT_EQ(rates.Count(kKey, seconds(day * 86'400 + 61)), 0U) << day;
  }
  EXPECT_TRUE(rates.Take(kKey, 1, seconds(2'000LL * 86'400)));
}

TEST(RateSlots, AreNotHeldUpByWhatAnotherBootLeft) {
  std::vector<std::uint64_t> words(RateSlots::kWordsPerBucket);
  RateSlots before(words, 1, WhenFull::kRefuse);
  const seconds long_uptime(300LL * 86'400);
  for (std::uint64_t key = 0; key < 16; ++key)
    ASSERT_TRUE(before.Take(key, 1, kWindow, long_uptime));
  RateSlots after(words, 2, WhenFull::kRefuse);
  for (std::uint64_t key = 0; key < 16; ++key) {
    EXPECT_EQ(after.Count(key, seconds(30)), 0U);
    EXPECT_TRUE(after.Take(key, 1, kWindow, seconds(30))) << key;
  }
  EXPECT_FALSE(after.Take(16, 1, kWindow, seconds(30)));
}

// A process that dies between taking an entry over and counting leaves a new owner beside an old
// count.
TEST(RateSlots, TakeTheCountOfAnEarlierOwnerForNone) {
  Rates rates(RateSlots::kWordsPerBucket);
  for (std::uint64_t key = 0; key < 16; ++key) {
    for (int i = 0; i < 9; ++i) ASSERT_TRUE(rates.Take(key, 100, seconds(0)));
  }
  const std::vector<std::uint64_t> old_counters(rates.words().begin() + 16, rates.words().end());
  for (std::uint64_t key = 100; key < 116; ++key) ASSERT_TRUE(rates.Take(key, 100, seconds(70)));
  std::ranges::copy(old_counters, rates.words().begin() + 16);
  for (std::uint64_t key = 100; key < 116; ++key) {
    EXPECT_EQ(rates.Count(key, seconds(71)), 0U);
    EXPECT_TRUE(rates.Take(key, 1, seconds(71)));
    EXPECT_EQ(rates.Count(key, seconds(71)), 1U);
  }
}

TEST(RateSlots, TellWhatIsLeftOfAWindow) {
  Rates rates(RateSlots::kWordsPerBucket);
  const auto left = [&](std::uint64_t key, milliseconds now) {
    return rates.slots().Left(key, now);
  };
  EXPECT_EQ(left(kKey, seconds(10)), seconds(1)) << "nothing is counted";
  ASSERT_TRUE(rates.Take(kKey, 1, seconds(10)));
  EXPECT_EQ(left(kKey, seconds(10)), kWindow);
  EXPECT_EQ(left(kKey, seconds(50)), seconds(20));
  EXPECT_EQ(left(kKey, milliseconds(69'001)), seconds(1)) << "never 0: that says now";
  for (std::uint64_t key = 100; key < 115; ++key) ASSERT_TRUE(rates.Take(key, 1, seconds(30)));
  EXPECT_EQ(left(200, seconds(40)), seconds(30)) << "without room: until the first one goes";
}

TEST(RateSlots, AreClaimedOnceByWhoeverSetTheMark) {
  using shm::Claimed;
  Rates rates(RateSlots::kWordsPerBucket);
  const auto claim = [&](std::uint64_t key, std::uint32_t mark, seconds now) {
    return rates.slots().Claim(key, mark, kWindow, now);
  };
  EXPECT_EQ(claim(kKey, 7, seconds(1)), Claimed::kFirst);
  EXPECT_EQ(claim(kKey, 8, seconds(2)), Claimed::kUsed);
  EXPECT_EQ(claim(kKey, 7, seconds(3)), Claimed::kRepeated);
  EXPECT_EQ(claim(kKey, 8, seconds(60)), Claimed::kUsed);
  EXPECT_EQ(claim(kKey, 8, seconds(62)), Claimed::kFirst);
  for (std::uint64_t key = 100; key < 115; ++key) {
    EXPECT_EQ(claim(key, 1, seconds(63)), Claimed::kFirst);
  }
  EXPECT_EQ(claim(200, 1, seconds(63)), Claimed::kNoRoom);
}

// A process that died between making the entry and setting its mark has claimed nothing.
TEST(RateSlots, HalfClaimedByAProcessThatDiedAreStillToBeClaimed) {
  Rates rates(RateSlots::kWordsPerBucket);
  ASSERT_EQ(rates.slots().Claim(kKey, 7, kWindow, seconds(1)), shm::Claimed::kFirst);
  std::fill(rates.words().begin() + 16, rates.words().end(), 0);
  EXPECT_EQ(rates.slots().Claim(kKey, 8, kWindow, seconds(2)), shm::Claimed::kFirst);
  EXPECT_EQ(rates.slots().Claim(kKey, 7, kWindow, seconds(3)), shm::Claimed::kUsed);
}

TEST(RateSlots, AreClaimedByOneOfSeveralProcesses) {
  constexpr std::size_t kKeys = 20'000;
  const SharedWords words(std::size_t{1} << 18U);
  const SharedWords claimed(kKeys);
  Gate gate(4);
  RunInProcesses(4, [&](int process) {
    RateSlots slots(words.words(), 7, WhenFull::kRefuse);
    for (std::size_t key = 0; key < kKeys; ++key) {
      if (key % 50 == 0) gate.Pass();
      const auto mark = static_cast<std::uint32_t>(process + 1);
      const auto now = seconds(1);
      if (slots.Claim(key, mark, kWindow, now) == shm::Claimed::kFirst) claimed.Increment(key);
    }
  });
  EXPECT_EQ(std::ranges::count(claimed.words(), 1U), static_cast<std::ptrdiff_t>(kKeys));
}

TEST(RateSlots, GrantExactlyTheLimitToSeveralProcessesTogether) {
  constexpr std::size_t kKeys = 50;
  constexpr std::uint32_t kMost = 500;
  const SharedWords words(1024);
  const SharedWords granted(kKeys);
  Gate gate(4);
  RunInProcesses(4, [&](int) {
    RateSlots slots(words.words(), 7, WhenFull::kRefuse);
    gate.Pass();
    for (std::size_t i = 0; i < kKeys * kMost; ++i) {
      if (slots.Take(i % kKeys, kMost, kWindow, seconds(1))) granted.Increment(i % kKeys);
    }
  });
  RateSlots slots(words.words(), 7, WhenFull::kRefuse);
  for (std::size_t key = 0; key < kKeys; ++key) {
    EXPECT_EQ(granted[key], kMost);
    EXPECT_EQ(slots.Count(key, seconds(1)), kMost);
  }
}

TEST(RateSlots, MakeOneEntryForAKeyThatSeveralProcessesBringAtOnce) {
  constexpr std::size_t kKeys = 20'000;
  const SharedWords words(std::size_t{1} << 18U);
  const SharedWords granted(kKeys);
  Gate gate(4);
  RunInProcesses(4, [&](int) {
    RateSlots slots(words.words(), 7, WhenFull::kRefuse);
    for (std::size_t key = 0; key < kKeys; ++key) {
      if (key % 50 == 0) gate.Pass();
      if (slots.Take(key, 3, kWindow, seconds(1))) granted.Increment(key);
    }
  });
  EXPECT_EQ(std::ranges::count(granted.words(), 3U), static_cast<std::ptrdiff_t>(kKeys));
}

// Processes that are many windows apart, over one bucket whose entries expire all the time. One
// that lags by more than a window may be refused what nobody had, but nothing is granted twice.
TEST(RateSlots, GrantNoEventTwiceWhileEntriesAreEvicted) {
  constexpr std::size_t kRounds = 50'000;
  const SharedWords words(RateSlots::kWordsPerBucket);
  const SharedWords granted(kRounds);
  RunInProcesses(4, [&](int) {
    RateSlots slots(words.words(), 7, WhenFull::kRefuse);
    for (std::size_t round = 0; round < kRounds; ++round) {
      const milliseconds now(300 * static_cast<std::int64_t>(round));
      if (slots.Take(round, 1, seconds(1), now)) granted.Increment(round);
    }
  });
  EXPECT_EQ(std::ranges::max(granted.words()), 1U);
  EXPECT_GT(std::ranges::count(granted.words(), 1U), static_cast<std::ptrdiff_t>(kRounds * 9 / 10));
}

}  // namespace
