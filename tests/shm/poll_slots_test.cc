#include "shm/poll_slots.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "shm/slots_testing.h"

namespace {

using shm::PollSlots;
using testing_shm::DeviceCode;
using testing_shm::Gate;
using testing_shm::milliseconds;
using testing_shm::RunInProcesses;
using testing_shm::seconds;
using testing_shm::SharedWords;

constexpr seconds kInterval{5};
// The mark is kept modulo 2^24 sixteenths of a second.
constexpr milliseconds kWrap{(1LL << 24) * 1000 / 16};

class Polls {
 public:
  explicit Polls(std::size_t words = 512) : words_(words), slots_(words_, {.k0 = 7}) {}
  bool TooFast(std::uint64_t code, milliseconds now) {
    return slots_.Poll(DeviceCode(code), kInterval, now).too_fast;
  }
  seconds Interval(std::uint64_t code, milliseconds now) {
    return slots_.Poll(DeviceCode(code), kInterval, now).interval;
  }
  PollSlots& slots() { return slots_; }

 private:
  std::vector<std::uint64_t> words_;
  PollSlots slots_;
};

// Every rule holds at any uptime, the moments around a wrap of the compact time included.
class PollRules : public testing::TestWithParam<milliseconds> {
 protected:
  milliseconds At(double second) const {
    return GetParam() + milliseconds(static_cast<std::int64_t>(second * 1000));
  }
  Polls polls_;
};

TEST_P(PollRules, TheFirstPollIsNeverThrottled) {
  for (std::uint64_t code = 0; code < 20; ++code) EXPECT_FALSE(polls_.TooFast(code, At(0)));
}

TEST_P(PollRules, APollIsAcceptedFromOneSecondBeforeTheIntervalOn) {
  EXPECT_FALSE(polls_.TooFast(1, At(0)));
  EXPECT_FALSE(polls_.TooFast(1, At(4.0)));
  EXPECT_FALSE(polls_.TooFast(1, At(8.0)));
  EXPECT_FALSE(polls_.TooFast(1, At(13.0)));
  EXPECT_TRUE(polls_.TooFast(1, At(16.875)));
}

TEST_P(PollRules, ASecondPollAtOnceIsTooFast) {
  EXPECT_FALSE(polls_.TooFast(1, At(0)));
  EXPECT_TRUE(polls_.TooFast(1, At(0)));
}

TEST_P(PollRules, ARejectedPollDoesNotMoveTheMark) {
  EXPECT_FALSE(polls_.TooFast(1, At(0)));
  EXPECT_TRUE(polls_.TooFast(1, At(3)));  // 10 s from now on
  EXPECT_TRUE(polls_.TooFast(1, At(8)));  // 15 s
  EXPECT_FALSE(
      polls_.TooFast(1, At(14)));  // 15 s less the slack after the accepted one, not after 8
}

TEST_P(PollRules, EachRejectionAddsFiveSecondsUpToSixtyAndTheyStay) {
  EXPECT_EQ(polls_.Interval(1, At(0)), kInterval);
  for (int i = 1; i <= 20; ++i) {
    EXPECT_EQ(polls_.Interval(1, At(0.1 * i)), std::min(seconds(5 + 5 * i), seconds(60)));
  }
  EXPECT_FALSE(polls_.TooFast(1, At(60)));
  EXPECT_EQ(polls_.Interval(1, At(120)), seconds(60)) << "an accepted poll does not lower it";
  EXPECT_TRUE(polls_.TooFast(1, At(170)));
}

TEST_P(PollRules, AnEntryOfMoreThanAnHourCountsAsAbsent) {
  polls_.Interval(1, At(0));
  EXPECT_EQ(polls_.Interval(1, At(1)), seconds(10));
  EXPECT_EQ(polls_.Interval(1, At(3599)), seconds(10)) << "not yet";
  EXPECT_EQ(polls_.Interval(1, At(3599 + 3602)), kInterval);
}

TEST_P(PollRules, AMarkALittleAheadOfOurClockCountsAsNow) {
  EXPECT_FALSE(polls_.TooFast(1, At(10)));
  EXPECT_TRUE(polls_.TooFast(1, At(9.5)));
  EXPECT_FALSE(polls_.TooFast(1, At(19)));
}

INSTANTIATE_TEST_SUITE_P(AtAnyUptime, PollRules,
                         testing::Values(milliseconds(0), milliseconds(1'000'001),
                                         kWrap - seconds(2), kWrap - milliseconds(1), kWrap,
                                         3 * kWrap - seconds(61), milliseconds(1LL << 40)),
                         [](const auto& test) { return std::to_string(test.param.count()); });

TEST(PollSlots, AcceptsAtTheSlackWhateverTheFractionOfASecond) {
  for (int offset = 0; offset < 1000; ++offset) {
    Polls polls;
    const milliseconds start(5'000 + offset);
    ASSERT_FALSE(polls.TooFast(1, start));
    EXPECT_TRUE(polls.TooFast(1, start + milliseconds(3'870))) << offset;
    EXPECT_FALSE(polls.TooFast(2, start));
    EXPECT_FALSE(polls.TooFast(2, start + milliseconds(4'000))) << offset;
  }
}

// The contract's promise. The mark is taken when a poll is accepted, so the next one comes at least
// an interval later, however long either took on its way.
TEST(PollSlots, NeverSlowsAClientThatSleepsTheIntervalAfterEachAnswer) {
  std::mt19937 engine(8628);
  for (const int interval : {1, 2, 5, 13, 60}) {
    for (const int longest_latency_ms : {0, 1, 50, 3'000, 30'000}) {
      Polls polls;
      std::uniform_int_distribution latency(0, longest_latency_ms);
      milliseconds now(latency(engine));
      for (int poll = 0; poll < 2'000; ++poll) {
        now += milliseconds(latency(engine));  // the request on its way
        ASSERT_FALSE(polls.slots().Poll(DeviceCode(1), seconds(interval), now).too_fast)
            << interval << " s, latency up to " << longest_latency_ms << " ms, poll " << poll;
        now += milliseconds(latency(engine));  // the answer on its way
        now += seconds(interval);
      }
    }
  }
}

TEST(PollSlots, LetsAClientInThatSleepsTheIntervalOfTheAnswer) {
  Polls polls;
  milliseconds now(0);
  polls.TooFast(1, now);
  now += seconds(1);  // it began too fast
  int rejected = 0;
  for (int poll = 0; poll < 100; ++poll) {
    const auto verdict = polls.slots().Poll(DeviceCode(1), kInterval, now);
    if (verdict.too_fast) ++rejected;
    now += verdict.interval;
  }
  EXPECT_EQ(rejected, 1);
}

// RFC 8628 §3.5: five seconds more for this and all later requests.
TEST(PollSlots, LetsAClientInThatAddsFiveSecondsAtEachSlowDown) {
  Polls polls;
  milliseconds now(0);
  seconds sleep = kInterval;
  int rejected = 0;
  for (int poll = 0; poll < 100; ++poll) {
    const bool impatient = poll == 10 || poll == 50;
    if (polls.TooFast(1, now)) {
      ++rejected;
      sleep += seconds(5);
    }
    now += impatient ? seconds(1) : sleep;
  }
  EXPECT_EQ(rejected, 2);
}

TEST(PollSlots, ReplacesTheOldestOfAFullBucket) {
  Polls polls(PollSlots::kSlotsPerBucket);
  for (std::uint64_t code = 0; code < 8; ++code) polls.TooFast(code, milliseconds(100 * code));
  EXPECT_FALSE(polls.TooFast(8, milliseconds(1'000)));  // takes the slot of 0
  for (std::uint64_t code = 1; code <= 8; ++code) {
    EXPECT_TRUE(polls.TooFast(code, milliseconds(1'100))) << code;
  }
  EXPECT_FALSE(polls.TooFast(0, milliseconds(1'200))) << "a lost slot means a first poll, no more";
}

TEST(PollSlots, KeepsTheOldestByTheMarkAndNotByThePlace) {
  Polls polls(PollSlots::kSlotsPerBucket);
  for (std::uint64_t code = 0; code < 8; ++code) polls.TooFast(code, milliseconds(100 * code));
  EXPECT_FALSE(polls.TooFast(0, seconds(6)));  // now 1 is the oldest
  EXPECT_FALSE(polls.TooFast(8, seconds(7)));
  EXPECT_TRUE(polls.TooFast(0, seconds(7)));
  EXPECT_FALSE(polls.TooFast(1, seconds(7)));
}

TEST(PollSlots, KeepsTenThousandDevicesApart) {
  Polls polls(std::size_t{1} << 18U);
  for (std::uint64_t code = 0; code < 10'000; ++code) {
    ASSERT_FALSE(polls.TooFast(code, milliseconds(code / 10)));
  }
  int forgotten = 0;
  for (std::uint64_t code = 0; code < 10'000; ++code) {
    if (!polls.TooFast(code, milliseconds(1'000))) ++forgotten;
  }
  EXPECT_EQ(forgotten, 0);
}

TEST(PollSlots, OfAnotherSeedAreNotSeen) {
  std::vector<std::uint64_t> words(512);
  PollSlots before(words, {.k0 = 1});
  PollSlots after(words, {.k0 = 2});
  EXPECT_FALSE(before.Poll(DeviceCode(1), kInterval, seconds(10)).too_fast);
  EXPECT_FALSE(after.Poll(DeviceCode(1), kInterval, seconds(10)).too_fast);
}

TEST(PollSlots, TakesTheNearestIntervalWhereTheOneGivenIsOutOfRange) {
  Polls polls;
  EXPECT_EQ(polls.slots().Poll(DeviceCode(1), seconds(0), seconds(1)).interval, seconds(1));
  EXPECT_EQ(polls.slots().Poll(DeviceCode(2), seconds(-7), seconds(1)).interval, seconds(1));
  EXPECT_EQ(polls.slots().Poll(DeviceCode(3), seconds(3'600), seconds(1)).interval, seconds(60));
}

// Four processes poll the same codes in the same order; `now_of` tells when.
std::vector<std::uint64_t> AcceptedByFour(std::span<std::uint64_t> words, std::size_t codes,
                                          milliseconds now) {
  const SharedWords accepted(codes);
  Gate gate(4);
  RunInProcesses(4, [&](int) {
    PollSlots slots(words, {.k0 = 7});
    for (std::size_t code = 0; code < codes; ++code) {
      if (code % 50 == 0) gate.Pass();
      if (!slots.Poll(DeviceCode(code), kInterval, now).too_fast) accepted.Increment(code);
    }
  });
  return {accepted.words().begin(), accepted.words().end()};
}

TEST(PollSlots, AcceptsExactlyOneOfSeveralPollsAtOnce) {
  constexpr std::size_t kCodes = 20'000;
  const SharedWords words(std::size_t{1} << 18U);
  const std::vector<std::uint64_t> one_each(kCodes, 1);
  EXPECT_EQ(AcceptedByFour(words.words(), kCodes, seconds(10)), one_each) << "first polls";
  EXPECT_EQ(AcceptedByFour(words.words(), kCodes, seconds(75)), one_each) << "later polls";
}

TEST(PollSlots, AcceptsExactlyOneOfSeveralPollsAtOnceWhileSlotsAreReplaced) {
  constexpr std::ptrdiff_t kRounds = 1'000;
  const SharedWords words(PollSlots::kSlotsPerBucket);  // full from the ninth code on
  const SharedWords accepted(std::size_t{kRounds});
  Gate gate(4);
  RunInProcesses(4, [&](int) {
    PollSlots slots(words.words(), {.k0 = 7});
    for (std::ptrdiff_t round = 0; round < kRounds; ++round) {
      gate.Pass();
      const auto code = static_cast<std::size_t>(round);
      const milliseconds now(100 * round);
      if (!slots.Poll(DeviceCode(code), kInterval, now).too_fast) accepted.Increment(code);
    }
  });
  EXPECT_EQ(std::ranges::count(accepted.words(), 1U), kRounds);
}

}  // namespace
