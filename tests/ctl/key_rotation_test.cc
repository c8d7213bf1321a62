#include "ctl/keys/key_rotation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/settings.h"
#include "oauth/tokens.h"

namespace ctl {
namespace {

using records::SigningAlgorithm;
using records::SigningKeyRow;
using records::SigningKeyState;
using std::chrono::hours;
using Kind = RotationStep::Kind;

constexpr hours kDay{24};
const base::Time kStart = base::FromUnixMillis(1'800'000'000'000);

// The keys of one organization, changed as the writer would by each step of the plan.
class Rotation : public testing::Test {
 protected:
  Rotation() { Add(SigningKeyState::kCurrent, "first", kStart); }

  void Add(SigningKeyState state, const std::string& kid, base::Time created_at) {
    SigningKeyRow row;
    row.id.bytes[15] = static_cast<std::uint8_t>(++made);
    row.kid = kid;
    row.state = state;
    row.created_at = created_at;
    keys.push_back(row);
  }

  std::vector<RotationStep> PlanAt(base::Time now) const {
    return PlanRotation(keys, SigningAlgorithm::kEs256, policy, now);
  }

  // What a run of the command does.
  void RunAt(base::Time now) {
    for (const RotationStep& step : PlanAt(now)) {
      ++steps;
      if (step.kind == Kind::kDelete) {
        std::erase_if(keys, [&](const auto& key) { return key.id == step.key; });
      } else if (step.kind == Kind::kCreateNext) {
        Add(SigningKeyState::kNext, "made-" + std::to_string(made), now);
      } else if (step.kind == Kind::kPromote) {
        Promote(step.kid.empty() ? keys.back().id : step.key, now);
      } else {
        --steps;
      }
    }
  }

  void Promote(records::SigningKeyId id, base::Time now) {
    for (SigningKeyRow& key : keys) {
      if (key.state == SigningKeyState::kCurrent) {
        key.state = SigningKeyState::kRetired;
        key.retire_at = now + PublishRetiredFor();
      }
    }
    for (SigningKeyRow& key : keys) {
      if (key.id == id) key.state = SigningKeyState::kCurrent;
    }
  }

  const SigningKeyRow* Current() const {
    for (const SigningKeyRow& key : keys) {
      if (key.state == SigningKeyState::kCurrent) return &key;
    }
    return nullptr;
  }

  RotationPolicy policy{.every = 90 * kDay, .publish_for = kDay};
  std::vector<SigningKeyRow> keys;
  int made = 0;
  int steps = 0;
};

TEST_F(Rotation, LeavesAYoungKeyAlone) {
  const auto plan = PlanAt(kStart + 90 * kDay - hours(1));
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].kind, Kind::kKeep);
  EXPECT_EQ(plan[0].kid, "first");
  EXPECT_EQ(plan[0].at, kStart + 90 * kDay);
}

TEST_F(Rotation, PublishesASuccessorLongBeforeItSigns) {
  const base::Time due = kStart + 90 * kDay;
  ASSERT_EQ(PlanAt(due).size(), 1U);
  EXPECT_EQ(PlanAt(due)[0].kind, Kind::kCreateNext);
  RunAt(due);
  EXPECT_EQ(Current()->kid, "first");
  const auto waiting = PlanAt(due + kDay - hours(1));
  ASSERT_EQ(waiting.size(), 1U);
  EXPECT_EQ(waiting[0].kind, Kind::kWait);
  EXPECT_EQ(waiting[0].at, due + kDay);
  RunAt(due + kDay);
  EXPECT_EQ(Current()->kid, "made-1");
}

TEST_F(Rotation, OfAnyTimerMakesOneKeyAPeriodAndNeverSignsWithOneThatIsNotKnown) {
  for (const auto tick : {hours(1), hours(24), hours(24 * 7)}) {
    keys.clear();
    Add(SigningKeyState::kCurrent, "first", kStart);
    made = 0;
    for (base::Time now = kStart; now < kStart + 3 * 365 * kDay; now += tick) {
      const std::string former = Current()->kid;
      RunAt(now);
      ASSERT_NE(Current(), nullptr);
      if (Current()->kid != former) {
        ASSERT_GE(now, Current()->created_at + policy.publish_for);
      }
      EXPECT_LE(std::count_if(keys.begin(), keys.end(),
                              [](const auto& k) { return k.state == SigningKeyState::kNext; }),
                1);
      EXPECT_LE(keys.size(), 3U);
    }
    EXPECT_GE(made, 11) << "every 90 days in three years";
    EXPECT_LE(made, 13);
  }
}

TEST_F(Rotation, RunAgainAtTheSameTimeDoesNothingMore) {
  for (const auto when : {90 * kDay, 91 * kDay, 99 * kDay}) {
    RunAt(kStart + when);
    const int before = steps;
    RunAt(kStart + when);
    RunAt(kStart + when);
    EXPECT_EQ(steps, before);
  }
}

TEST_F(Rotation, KeepsARetiredKeyUntilTheLastTokenIsDead) {
  RunAt(kStart + 90 * kDay);
  const base::Time promoted = kStart + 91 * kDay;
  RunAt(promoted);
  ASSERT_EQ(keys.size(), 2U);
  // A token of the longest life, signed just before.
  RunAt(promoted + oauth::kMaxAccessTokenLifetime);
  EXPECT_EQ(keys.size(), 2U);
  RunAt(promoted + PublishRetiredFor());
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0].kid, "made-1");
}

TEST_F(Rotation, NowMakesAKeyThatSignsAtOnce) {
  policy.haste = RotationPolicy::Haste::kNow;
  const auto plan = PlanAt(kStart + hours(1));
  ASSERT_EQ(plan.size(), 2U);
  EXPECT_EQ(plan[0].kind, Kind::kCreateNext);
  EXPECT_EQ(plan[1].kind, Kind::kPromote);
  EXPECT_TRUE(plan[1].kid.empty()) << "the one that was just made";
}

TEST_F(Rotation, NowTakesTheKeyThatIsPublishedAlready) {
  Add(SigningKeyState::kNext, "younger", kStart + hours(2));
  Add(SigningKeyState::kNext, "elder", kStart + hours(1));
  policy.haste = RotationPolicy::Haste::kNow;
  const auto plan = PlanAt(kStart + hours(3));
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].kind, Kind::kPromote);
  EXPECT_EQ(plan[0].kid, "elder");
}

TEST_F(Rotation, TouchesNoOtherAlgorithm) {
  keys[0].algorithm = SigningAlgorithm::kRs256;
  EXPECT_TRUE(PlanAt(kStart + 1000 * kDay).empty());
}

TEST_F(Rotation, AClockThatWentBackRotatesNothing) {
  const auto plan = PlanAt(kStart - 400 * kDay);
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].kind, Kind::kKeep);
}

TEST(RotationTimes, AreNoShorterThanWhatTheyWaitFor) {
  base::Settings settings;
  EXPECT_EQ(LeastPublishFor(settings).count(), 2 * settings.jwks_max_age_s);
  EXPECT_GE(kPublishFor, LeastPublishFor(settings));
  for (const base::SettingHelp& setting : base::DescribeSettings()) {
    if (setting.name != "access_token_s") continue;
    EXPECT_TRUE(
        setting.range.ends_with(" to " + std::to_string(oauth::kMaxAccessTokenLifetime.count())))
        << "retired keys are published for the longest life that any token may have";
  }
}

TEST(Durations, AreAWholeNumberAndAUnit) {
  EXPECT_EQ(ParseDuration("90d")->count(), 90 * 86400);
  EXPECT_EQ(ParseDuration("12h")->count(), 12 * 3600);
  EXPECT_EQ(ParseDuration("30min")->count(), 1800);
  EXPECT_EQ(ParseDuration("0s")->count(), 0);
  for (const char* text : {"", "d", "90", "-1d", "1.5d", "90 d", "90m", "90dd", "9999d",
                           "99999999999999999999s", "9223372036854775807d"}) {
    EXPECT_EQ(ParseDuration(text).status().code(), base::Code::kInvalid) << text;
  }
}

}  // namespace
}  // namespace ctl
