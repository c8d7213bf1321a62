#include "store/sweeper.h"

#include <gtest/gtest.h>

#include <vector>

#include "store/sqlite_fixture.h"

namespace store_test {
namespace {

using store::Sweeper;

class SweeperTest : public SqliteFixture {
 protected:
  SweeperTest() { OpenWriterWithTenant(); }

  Sweeper NewSweeper(std::int64_t rows_per_step = 300) {
    return Sweeper(writer->database(), writer->live_codes(),
                   {.keep = hours(24), .rows_per_step = rows_per_step});
  }

  std::vector<records::CreateDeviceCode> WriteCodes(int count, Time at = kNow) {
    std::vector<records::CreateDeviceCode> codes;
    std::vector<records::Write> writes;
    for (int i = 0; i < count; ++i) {
      codes.push_back(s.DeviceCode(tenant, at));
      writes.emplace_back(codes.back());
    }
    for (const WriteResult& result : Batch(writes)) EXPECT_EQ(result.code, Code::kOk);
    return codes;
  }

  // Sweeps until nothing is left to do; rows of each step.
  std::vector<std::int64_t> SweepAll(Sweeper& sweeper, Time now) {
    std::vector<std::int64_t> rows;
    for (int step = 0; step < 1000; ++step) {
      const auto swept = sweeper.Step(now);
      EXPECT_TRUE(swept.ok()) << swept.status().ToString();
      if (!swept.ok()) return rows;
      rows.push_back(swept->rows);
      if (!swept->has_more) return rows;
    }
    ADD_FAILURE() << "never done";
    return rows;
  }

  static std::int64_t Sum(const std::vector<std::int64_t>& rows) {
    std::int64_t sum = 0;
    for (const std::int64_t n : rows) sum += n;
    return sum;
  }
};

constexpr auto kLife = minutes(15);

TEST_F(SweeperTest, LeavesWhatHasNotExpired) {
  WriteCodes(5);
  Sweeper sweeper = NewSweeper();
  EXPECT_EQ(Sum(SweepAll(sweeper, kNow + kLife - milliseconds(1))), 0);
  EXPECT_EQ(Count("live_user_codes"), 5);
}

TEST_F(SweeperTest, AtExpiryTheUserCodeGoesAndTheTombstoneStays) {
  const auto codes = WriteCodes(5);
  Sweeper sweeper = NewSweeper();
  EXPECT_EQ(Sum(SweepAll(sweeper, kNow + kLife)), 5);
  EXPECT_EQ(Count("live_user_codes"), 0);
  EXPECT_EQ(Count("device_codes"), 5);
  EXPECT_EQ(NewReader()->FindLiveUserCode(codes[0].user_code).status().code(), Code::kNotFound);
}

TEST_F(SweeperTest, AUserCodeThatWasGivenAgainMeanwhileStays) {
  const auto old = WriteCodes(1).front();
  ASSERT_EQ(Try(s.Decision(tenant, old)), Code::kOk);  // frees the code
  auto fresh = s.DeviceCode(tenant, kNow + minutes(1));
  fresh.user_code = old.user_code;
  fresh.expires_at = kNow + hours(2);
  ASSERT_EQ(Try(fresh), Code::kOk);
  Sweeper sweeper = NewSweeper();
  SweepAll(sweeper, kNow + kLife);
  EXPECT_TRUE(NewReader()->FindLiveUserCode(fresh.user_code).ok());
}

TEST_F(SweeperTest, TheTombstoneGoesADayAfterExpiry) {
  WriteCodes(5);
  Sweeper sweeper = NewSweeper();
  SweepAll(sweeper, kNow + kLife);
  SweepAll(sweeper, kNow + kLife + hours(24) - milliseconds(1));
  EXPECT_EQ(Count("device_codes"), 5);
  EXPECT_EQ(Sum(SweepAll(sweeper, kNow + kLife + hours(24))), 5);
  EXPECT_EQ(Count("device_codes"), 0);
}

TEST_F(SweeperTest, NoStepDeletesMoreThanItsBound) {
  WriteCodes(95);
  Sweeper sweeper = NewSweeper(10);
  const auto freed = SweepAll(sweeper, kNow + kLife);
  for (const std::int64_t rows : freed) EXPECT_LE(rows, 10);
  EXPECT_EQ(Sum(freed), 95);
  EXPECT_GE(freed.size(), 10U);
  const auto deleted = SweepAll(sweeper, kNow + kLife + hours(24));
  for (const std::int64_t rows : deleted) EXPECT_LE(rows, 10);
  EXPECT_EQ(Sum(deleted), 95);
}

// After a restart of the writer nothing tells how far the former one came.
TEST_F(SweeperTest, ANewSweeperFindsWhatTheFormerLeft) {
  WriteCodes(150);
  Sweeper former = NewSweeper();
  EXPECT_EQ(Sum(SweepAll(former, kNow + kLife)), 150);
  WriteCodes(1, kNow + seconds(1));
  Sweeper next = NewSweeper();
  EXPECT_EQ(Sum(SweepAll(next, kNow + kLife + seconds(1))), 1);
  EXPECT_EQ(Count("live_user_codes"), 0);
}

TEST_F(SweeperTest, NothingDueWritesNothing) {
  WriteCodes(20);
  Sweeper former = NewSweeper();
  SweepAll(former, kNow + kLife);
  const std::int64_t changes = writer->database().TotalChanges();
  const std::int64_t frames = writer->checkpointer().frames();
  Sweeper next = NewSweeper();  // walks over the tombstones
  SweepAll(next, kNow + kLife);
  SweepAll(next, kNow + kLife);
  EXPECT_EQ(writer->database().TotalChanges(), changes);
  EXPECT_EQ(writer->checkpointer().frames(), frames);
}

TEST_F(SweeperTest, SessionsAndTokensGoWhenTheyHaveBeenDeadForADay) {
  const auto code = WriteCodes(1).front();
  ASSERT_EQ(Try(s.Decision(tenant, code)), Code::kOk);
  const auto grant = s.Redemption(tenant, code);
  ASSERT_EQ(Try(grant), Code::kOk);
  ASSERT_EQ(Try(s.SignIn(tenant.user)), Code::kOk);
  ASSERT_EQ(Try(s.PasswordLink(tenant.user)), Code::kOk);
  Sweeper sweeper = NewSweeper();

  const auto sweep_after = [&](Time dead) { SweepAll(sweeper, dead + hours(24)); };
  sweep_after(grant.access_token.expires_at - milliseconds(1));
  EXPECT_EQ(Count("access_tokens"), 1);
  sweep_after(grant.access_token.expires_at);
  EXPECT_EQ(Count("access_tokens"), 0);
  EXPECT_EQ(Count("sign_ins"), 1);
  sweep_after(kNow + hours(12));
  EXPECT_EQ(Count("sign_ins"), 0);
  EXPECT_EQ(Count("password_links"), 1);
  sweep_after(kNow + hours(24));
  EXPECT_EQ(Count("password_links"), 0);
  EXPECT_EQ(Count("refresh_tokens"), 1);
  sweep_after(grant.refresh_token->expires_at);
  EXPECT_EQ(Count("refresh_tokens"), 0);
  EXPECT_EQ(Count("sessions"), 1);
  sweep_after(grant.session.expires_at);
  EXPECT_EQ(Count("sessions"), 0);
  EXPECT_EQ(Count("users"), 1);
  EXPECT_EQ(Count("subscriptions"), 1);
}

TEST_F(SweeperTest, DeletesAUsedAssertionWhenItIsOver) {
  auto code = s.DeviceCode(tenant);
  code.assertion = records::UsedAssertion{.client_row_id = tenant.service.client.id,
                                          .jti_hash = s.ids.Hash(),
                                          .expires_at = kNow + minutes(5)};
  EXPECT_EQ(Try(code), Code::kOk);
  Sweeper sweeper = NewSweeper();
  SweepAll(sweeper, kNow + minutes(5) - milliseconds(1));
  EXPECT_EQ(Count("used_assertions"), 1);
  SweepAll(sweeper, kNow + minutes(5));
  EXPECT_EQ(Count("used_assertions"), 0);
}

}  // namespace
}  // namespace store_test
