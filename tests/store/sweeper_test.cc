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

  records::RedeemDeviceCode WriteGrant() {
    const auto code = WriteCodes(1).front();
    EXPECT_EQ(Try(s.Decision(tenant, code)), Code::kOk);
    auto redeemed = s.Redemption(tenant, code);
    EXPECT_EQ(Try(redeemed), Code::kOk);
    return redeemed;
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

TEST_F(SweeperTest, BeyondSoManyTombstonesTheOldestGoSooner) {
  const auto options =
      Sweeper::Options{.keep = hours(24), .rows_per_step = 7, .most_tombstones = 20};
  Sweeper sweeper(writer->database(), writer->live_codes(), options);
  const auto old = WriteCodes(15);
  SweepAll(sweeper, kNow + kLife);
  EXPECT_EQ(Count("device_codes"), 15);
  const auto later = WriteCodes(15, kNow + minutes(1));
  SweepAll(sweeper, kNow + kLife);
  EXPECT_EQ(Count("device_codes"), 30) << "those are good yet";
  SweepAll(sweeper, kNow + minutes(1) + kLife);
  EXPECT_LE(Count("device_codes"), 20);
  EXPECT_GT(Count("device_codes"), 20 - 7);
  EXPECT_EQ(Count("live_user_codes"), 0);
  EXPECT_EQ(NewReader()
                ->FindDeviceCode(tenant.organization.row.id, old.front().device_code_id)
                .status()
                .code(),
            Code::kNotFound);
  EXPECT_TRUE(
      NewReader()->FindDeviceCode(tenant.organization.row.id, later.back().device_code_id).ok());
  // As many are left to the next one, which counts them itself.
  Sweeper next(writer->database(), writer->live_codes(), options);
  SweepAll(next, kNow + minutes(2) + kLife);
  EXPECT_LE(Count("device_codes"), 20);
  EXPECT_GT(Count("device_codes"), 20 - 7);
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

TEST_F(SweeperTest, GrantsAndTokensGoWhenTheyHaveBeenDeadForADay) {
  const auto code = WriteCodes(1).front();
  ASSERT_EQ(Try(s.Decision(tenant, code)), Code::kOk);
  const auto redeemed = s.Redemption(tenant, code);
  ASSERT_EQ(Try(redeemed), Code::kOk);
  ASSERT_EQ(Try(s.SignIn(tenant.user)), Code::kOk);
  ASSERT_EQ(Try(s.PasswordLink(tenant.user)), Code::kOk);
  Sweeper sweeper = NewSweeper();

  const auto sweep_after = [&](Time dead) { SweepAll(sweeper, dead + hours(24)); };
  sweep_after(redeemed.access_token.expires_at - milliseconds(1));
  EXPECT_EQ(Count("access_tokens"), 1);
  sweep_after(redeemed.access_token.expires_at);
  EXPECT_EQ(Count("access_tokens"), 0);
  EXPECT_EQ(Count("sessions"), 1);
  sweep_after(kNow + hours(12));
  EXPECT_EQ(Count("sessions"), 0);
  EXPECT_EQ(Count("password_links"), 1);
  sweep_after(kNow + hours(24));
  EXPECT_EQ(Count("password_links"), 0);
  EXPECT_EQ(Count("refresh_tokens"), 1);
  sweep_after(redeemed.refresh_token->expires_at);
  EXPECT_EQ(Count("refresh_tokens"), 0);
  EXPECT_EQ(Count("grants"), 1);
  sweep_after(redeemed.grant.expires_at);
  EXPECT_EQ(Count("grants"), 0);
  EXPECT_EQ(Count("users"), 1);
  EXPECT_EQ(Count("subscriptions"), 1);
}

// What one grant leaves that refreshes as often as it may.
TEST_F(SweeperTest, ATokenThatWasTheNewestForMinutesOnlyGoesADayAfterItsRotation) {
  const auto redeemed = WriteGrant();
  Time at = kNow + minutes(20);
  auto newest = redeemed.refresh_token->id;
  std::vector<records::RefreshTokenId> quick;
  for (int i = 0; i < 50; ++i, at += seconds(1)) {
    const auto rotation = s.Rotation(redeemed, newest, at);
    ASSERT_EQ(Try(rotation), Code::kOk);
    newest = rotation.successor.id;
    quick.push_back(newest);
  }
  quick.pop_back();  // the newest
  Sweeper sweeper = NewSweeper(10);
  SweepAll(sweeper, at + hours(24) - minutes(2));
  EXPECT_EQ(Count("refresh_tokens"), 51);
  for (const std::int64_t rows : SweepAll(sweeper, at + hours(24) + Sweeper::kWalkEvery)) {
    EXPECT_LE(rows, 10);
  }
  EXPECT_EQ(Count("refresh_tokens"), 2);
  EXPECT_EQ(NewReader()->FindRefreshToken(quick.back()).status().code(), Code::kNotFound);

  // The first one, which a thief may have rotated while its holder was away, still ends the grant.
  const Time much_later = kNow + hours(24 * 20);
  SweepAll(sweeper, much_later);
  EXPECT_EQ(Try(s.Rotation(redeemed, quick.back(), much_later)), Code::kNotFound);
  EXPECT_FALSE(NewReader()->FindRefreshToken(newest)->grant_revoked);
  EXPECT_EQ(Try(s.Rotation(redeemed, redeemed.refresh_token->id, much_later)), Code::kConflict);
  EXPECT_TRUE(NewReader()->FindRefreshToken(newest)->grant_revoked);
}

// A client that lost the answer may send the rotated one again within its grace, 10 minutes at most.
TEST_F(SweeperTest, KeepsARotatedTokenForAnHourThoughExpiredRowsGoSooner) {
  const auto redeemed = WriteGrant();
  const Time rotated_at = kNow + minutes(1);
  ASSERT_EQ(Try(s.Rotation(redeemed, redeemed.refresh_token->id, rotated_at)), Code::kOk);
  const auto sweep_at = [&](Time at) {
    Sweeper sweeper(writer->database(), writer->live_codes(), {.keep = minutes(1)});
    SweepAll(sweeper, at);
  };
  sweep_at(rotated_at + hours(1) - milliseconds(1));
  EXPECT_EQ(Count("refresh_tokens"), 2);
  sweep_at(rotated_at + hours(1));
  EXPECT_EQ(Count("refresh_tokens"), 1);
}

TEST_F(SweeperTest, AWalkOverRefreshTokensIsMadeAfterARestartAndEverySixHours) {
  const auto redeemed = WriteGrant();
  ASSERT_EQ(Try(s.Rotation(redeemed, redeemed.refresh_token->id, kNow + minutes(4))), Code::kOk);
  Sweeper sweeper = NewSweeper();
  const Time due = kNow + minutes(4) + hours(24);
  SweepAll(sweeper, due - hours(1));
  SweepAll(sweeper, due);
  EXPECT_EQ(Count("refresh_tokens"), 2);
  SweepAll(sweeper, due - hours(1) + Sweeper::kWalkEvery);
  EXPECT_EQ(Count("refresh_tokens"), 1);
}

TEST_F(SweeperTest, WhatARevokedGrantLeftGoesADayLater) {
  const auto revoked = WriteGrant();
  const auto live = WriteGrant();
  ASSERT_EQ(Try(s.Rotation(revoked, revoked.refresh_token->id, kNow + hours(1))), Code::kOk);
  ASSERT_EQ(Try(records::RevokeGrant{.record_id = s.ids.Make<records::RecordId>(),
                                     .organization_id = revoked.organization_id,
                                     .grant_id = revoked.grant.id,
                                     .revoked_at = kNow + hours(2)}),
            Code::kOk);
  const Time end = kNow + hours(2 + 24);
  Sweeper before = NewSweeper();
  SweepAll(before, end - milliseconds(1));
  EXPECT_EQ(Count("grants"), 2);
  EXPECT_EQ(Count("refresh_tokens"), 3);
  Sweeper sweeper = NewSweeper();
  SweepAll(sweeper, end);
  EXPECT_EQ(Count("grants"), 1);
  EXPECT_EQ(Count("refresh_tokens"), 1);
  EXPECT_EQ(Count("access_tokens"), 0);
  EXPECT_TRUE(NewReader()->FindRefreshToken(live.refresh_token->id).ok());
}

// By all of a user, a replay, the limit of grants, the end of the service.
TEST_F(SweeperTest, HoweverAGrantWasRevokedItGoesADayLater) {
  const Time at = kNow + hours(2);
  const auto id = [&] { return s.ids.Make<records::RecordId>(); };
  const auto revoke_all = [&](const records::RedeemDeviceCode& redeemed) {
    return Try(records::RevokeUserGrants{.record_id = id(),
                                         .organization_id = redeemed.organization_id,
                                         .user_id = redeemed.grant.user_id,
                                         .revoked_at = at});
  };
  const auto replay = [&](const records::RedeemDeviceCode& redeemed) {
    EXPECT_EQ(Try(s.Rotation(redeemed, redeemed.refresh_token->id, kNow + hours(1))), Code::kOk);
    const Code refused = Try(s.Rotation(redeemed, redeemed.refresh_token->id, at));
    return refused == Code::kConflict ? Code::kOk : refused;
  };
  const auto make_more = [&](const records::RedeemDeviceCode&) {
    auto options = Options();
    options.limits.grants_per_user = 1;
    OpenWriter(options);
    const auto code = WriteCodes(1, at - seconds(25)).front();
    EXPECT_EQ(Try(s.Decision(tenant, code)), Code::kOk);
    return Try(s.Redemption(tenant, code));
  };
  const auto delete_service = [&](const records::RedeemDeviceCode& redeemed) {
    EXPECT_EQ(Try(records::DeleteSubscription{.record_id = id(),
                                              .organization_id = redeemed.organization_id,
                                              .user_id = redeemed.grant.user_id,
                                              .service_id = redeemed.grant.service_id}),
              Code::kOk);
    EXPECT_EQ(Try(records::DeletePlan{.record_id = id(),
                                      .plan_id = tenant.plan.row.id,
                                      .organization_id = redeemed.organization_id}),
              Code::kOk);
    return Try(records::DeleteService{.record_id = id(),
                                      .service_id = redeemed.grant.service_id,
                                      .organization_id = redeemed.organization_id,
                                      .deleted_at = at});
  };
  const auto expect_gone = [&](const auto& revoke, const char* what) {
    tenant = s.NewTenant(what);
    for (const WriteResult& result : Batch(tenant.All())) ASSERT_EQ(result.code, Code::kOk);
    const auto redeemed = WriteGrant();
    EXPECT_EQ(revoke(redeemed), Code::kOk) << what;
    Sweeper before = NewSweeper();
    SweepAll(before, at + hours(24) - milliseconds(1));
    EXPECT_TRUE(NewReader()->FindRefreshToken(redeemed.refresh_token->id).ok()) << what;
    Sweeper sweeper = NewSweeper();
    SweepAll(sweeper, at + hours(24));
    EXPECT_FALSE(NewReader()->FindRefreshToken(redeemed.refresh_token->id).ok()) << what;
    EXPECT_FALSE(NewReader()->FindAccessToken(redeemed.access_token.id).ok()) << what;
  };
  expect_gone(revoke_all, "all-of-a-user");
  expect_gone(replay, "replay");
  expect_gone(make_more, "one-too-many");
  EXPECT_EQ(Count("grants"), 1) << "the one that was made last";
  expect_gone(delete_service, "service");
  EXPECT_EQ(Count("grants"), 1);
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
