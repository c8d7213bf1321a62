#include "oauth/refresh.h"

#include <gtest/gtest.h>

#include "oauth/bearer.h"
#include "oauth/scope.h"
#include "oauth/world.h"

namespace {

using namespace testing_oauth;
using domain::ErrorCode;
using std::chrono::seconds;

class RefreshToken : public testing::Test {
 protected:
  std::string AddToken(records::ClientRowId client) {
    domain::Secret secret{};
    world_.random.Fill(secret);
    records::RefreshTokenRow row;
    row.id = MakeId<records::RefreshTokenId>(30);
    row.organization_id = world_.org;
    row.grant_id = MakeId<records::GrantId>(31);
    row.secret_hash = world_.hashes.Sha256(secret);
    row.expires_at = world_.clock.Now() + seconds(3600);
    row.grant_expires_at = world_.clock.Now() + seconds(7200);
    row.client_row_id = client;
    row.service_id = world_.service;
    row.user_id = world_.user;
    row.scope = "profile email";
    row.issuer = world_.settings.public_url;
    world_.rows.refresh_tokens.push_back(row);
    return domain::EncodeSplitToken(row.id, secret);
  }

  domain::Step<domain::Answer<oauth::TokenResponse>> Refresh(const std::string& token,
                                                             const std::string& scope = "") {
    return oauth::Refresh({.request_id = MakeId<records::RecordId>(7),
                           .refresh_token = token,
                           .scope = scope,
                           .resource = {},
                           .issuer = {}},
                          Credentials("acme-cli"), world_.ports);
  }

  World world_;
};

TEST_F(RefreshToken, AnswersWithTheSuccessorThatTheWriterNames) {
  const std::string parent = AddToken(world_.client);
  const auto step = Refresh(parent);
  const auto* record = Awaited<records::RotateRefreshToken>(step);
  ASSERT_NE(record, nullptr);
  const auto winner = MakeId<records::RefreshTokenId>(99);
  const auto end = Answered(step, {.code = base::Code::kOk, .id = winner.bytes});
  ASSERT_TRUE(std::get<0>(end).ok());
  const auto handle =
      domain::DecodeSplitToken<records::RefreshTokenTag>(std::get<0>(end)->refresh_token);
  EXPECT_EQ(handle->id, winner);
  EXPECT_EQ(world_.hashes.Sha256(handle->secret), record->successor.secret_hash)
      << "the secret depends on the parent alone, so both rotations made the same";
}

TEST_F(RefreshToken, IsInvalidGrantForAnotherClientOrAfterItsEnd) {
  const std::string foreign = AddToken(world_.confidential_client);
  EXPECT_EQ(ErrorOfStep(Refresh(foreign)), ErrorCode::kInvalidGrant);
  world_.rows.refresh_tokens.clear();
  const std::string own = AddToken(world_.client);
  world_.rows.refresh_tokens[0].grant_revoked = true;
  EXPECT_EQ(ErrorOfStep(Refresh(own)), ErrorCode::kInvalidGrant);
  world_.rows.refresh_tokens[0].grant_revoked = false;
  world_.clock.Advance(seconds(3600));
  EXPECT_EQ(ErrorOfStep(Refresh(own)), ErrorCode::kInvalidGrant);
}

TEST_F(RefreshToken, OfOneGrantIsBoundedAMinute) {
  world_.settings.refreshes_per_grant = 2;
  const std::string token = AddToken(world_.client);
  EXPECT_EQ(ErrorOfStep(Refresh(token)), ErrorCode::kCount);
  EXPECT_EQ(ErrorOfStep(Refresh(token)), ErrorCode::kCount);
  world_.clock.Advance(seconds(20));
  const auto refused = Refresh(token);
  EXPECT_EQ(ErrorOfStep(refused), ErrorCode::kTooManyRequests);
  EXPECT_EQ(std::get<0>(refused).error().retry_after, seconds(40));
  world_.rows.refresh_tokens[0].grant_id = MakeId<records::GrantId>(32);
  EXPECT_EQ(ErrorOfStep(Refresh(token)), ErrorCode::kCount) << "another grant";
  world_.rows.refresh_tokens[0].grant_id = MakeId<records::GrantId>(31);
  world_.clock.Advance(seconds(60));
  EXPECT_EQ(ErrorOfStep(Refresh(token)), ErrorCode::kCount);
}

TEST_F(RefreshToken, OfAllGrantsOfAnAccountIsBoundedAMinute) {
  world_.settings.refreshes_per_grant = 2;
  world_.settings.refreshes_per_account = 3;
  const std::string token = AddToken(world_.client);
  const auto of_grant = [&](std::uint8_t grant) {
    world_.rows.refresh_tokens[0].grant_id = MakeId<records::GrantId>(grant);
    return Refresh(token);
  };
  EXPECT_EQ(ErrorOfStep(of_grant(31)), ErrorCode::kCount);
  EXPECT_EQ(ErrorOfStep(of_grant(31)), ErrorCode::kCount);
  EXPECT_EQ(ErrorOfStep(of_grant(31)), ErrorCode::kTooManyRequests) << "the grant";
  EXPECT_EQ(ErrorOfStep(of_grant(32)), ErrorCode::kCount)
      << "what a grant was refused is not the account's";
  world_.clock.Advance(seconds(20));
  const auto refused = of_grant(33);
  EXPECT_EQ(ErrorOfStep(refused), ErrorCode::kTooManyRequests);
  EXPECT_EQ(std::get<0>(refused).error().retry_after, seconds(40));
  const auto user = world_.rows.refresh_tokens[0].user_id;
  world_.rows.refresh_tokens[0].user_id = MakeId<records::UserId>(99);
  EXPECT_EQ(ErrorOfStep(of_grant(34)), ErrorCode::kCount) << "another account";
  world_.rows.refresh_tokens[0].user_id = user;
  world_.clock.Advance(seconds(41));
  EXPECT_EQ(ErrorOfStep(of_grant(35)), ErrorCode::kCount);
}

TEST_F(RefreshToken, NearTheEndOfItsGrantGivesAShorterAccessToken) {
  const std::string token = AddToken(world_.client);
  auto& row = world_.rows.refresh_tokens[0];
  row.expires_at = row.grant_expires_at = world_.clock.Now() + seconds(100);
  world_.clock.Advance(seconds(40));
  const auto step = Refresh(token);
  const auto* record = Awaited<records::RotateRefreshToken>(step);
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->access_token.expires_at, row.grant_expires_at);
  EXPECT_EQ(world_.signer.last_access_token->exp, row.grant_expires_at);
  EXPECT_EQ(std::get<0>(Answered(step, {.code = Code::kOk}))->expires_in, seconds(60));
}

TEST_F(RefreshToken, OnlyNarrowsTheScope) {
  const std::string token = AddToken(world_.client);
  EXPECT_EQ(ErrorOfStep(Refresh(token, "profile openid")), ErrorCode::kInvalidScope);
  const auto step = Refresh(token, "email");
  ASSERT_NE(Awaited<records::RotateRefreshToken>(step), nullptr);
  EXPECT_EQ(Awaited<records::RotateRefreshToken>(step)->access_token.scope, "email");
}

TEST_F(RefreshToken, GivesNothingThatTheOperatorTookAwaySince) {
  const std::string token = AddToken(world_.client);
  world_.rows.refresh_tokens[0].resource = "https://api.acme.example";
  const auto refresh_alone = [&] {
    return ErrorOfStep(oauth::RefreshWithoutClient({.request_id = MakeId<records::RecordId>(7),
                                                    .refresh_token = token,
                                                    .scope = {},
                                                    .resource = {},
                                                    .issuer = {}},
                                                   world_.ports));
  };
  EXPECT_EQ(ErrorOfStep(Refresh(token)), ErrorCode::kCount);
  EXPECT_EQ(refresh_alone(), ErrorCode::kCount);
  world_.rows.services[0].resources = "https://files.acme.example";
  EXPECT_EQ(ErrorOfStep(Refresh(token)), ErrorCode::kInvalidTarget);
  EXPECT_EQ(refresh_alone(), ErrorCode::kInvalidTarget);
  world_.rows.services[0].resources = "https://api.acme.example";
  world_.rows.clients[0].refresh_token_allowed = false;
  EXPECT_EQ(ErrorOfStep(Refresh(token)), ErrorCode::kUnauthorizedClient);
  EXPECT_EQ(refresh_alone(), ErrorCode::kUnauthorizedClient);
  world_.rows.clients[0].refresh_token_allowed = true;
  world_.rows.refresh_tokens[0].scope = "email a-scope-that-is-none-any-more";
  const auto step = Refresh(token);
  ASSERT_NE(Awaited<records::RotateRefreshToken>(step), nullptr);
  EXPECT_EQ(Awaited<records::RotateRefreshToken>(step)->access_token.scope, "email");
  world_.rows.refresh_tokens[0].scope = "a-scope-that-is-none-any-more";
  EXPECT_EQ(ErrorOfStep(Refresh(token)), ErrorCode::kInvalidScope);
}

// The writer ends the grant then, so it must be told.
TEST_F(RefreshToken, ThatWasRotatedReachesTheWriterAfterItsIdleEndToo) {
  const std::string token = AddToken(world_.client);
  auto& row = world_.rows.refresh_tokens[0];
  row.rotated_at = world_.clock.Now();
  world_.clock.Advance(seconds(3600));
  EXPECT_NE(Awaited<records::RotateRefreshToken>(Refresh(token)), nullptr);
  world_.clock.Advance(seconds(3600));
  EXPECT_EQ(ErrorOfStep(Refresh(token)), ErrorCode::kInvalidGrant) << "the grant itself is over";
}

TEST_F(RefreshToken, OfAConfidentialClientIsRefusedWithoutIt) {
  const std::string token = AddToken(world_.confidential_client);
  const oauth::RefreshRequest request{.request_id = MakeId<records::RecordId>(7),
                                      .refresh_token = token,
                                      .scope = {},
                                      .resource = {},
                                      .issuer = {}};
  EXPECT_EQ(ErrorOfStep(oauth::RefreshWithoutClient(request, world_.ports)),
            ErrorCode::kInvalidGrant);
}

TEST_F(RefreshToken, ReplayIsInvalidGrant) {
  const auto step = Refresh(AddToken(world_.client));
  EXPECT_EQ(ErrorOfStep(Answered(step, {.code = Code::kConflict})), ErrorCode::kInvalidGrant);
  EXPECT_EQ(ErrorOfStep(Answered(step, {.code = Code::kUnavailable})),
            ErrorCode::kTemporarilyUnavailable);
}

class Bearer : public testing::Test {
 protected:
  Bearer() {
    records::AccessTokenRow row;
    row.id = MakeId<records::AccessTokenId>(40);
    row.organization_id = world_.org;
    const std::string payload = R"({"jti":")" + domain::JtiText(row.id) + R"(","iss":"x"})";
    token_ = "e30." + base::Base64UrlEncode(base::AsBytes(payload)) + ".c2ln";
    row.token_hash = world_.hashes.Sha256(base::AsBytes(token_));
    row.expires_at = world_.clock.Now() + seconds(60);
    row.client_row_id = world_.client;
    row.service_id = world_.service;
    row.user_id = world_.user;
    row.user_email = "alice@acme.example";
    row.scope = "openid email";
    world_.rows.access_tokens.push_back(row);
  }
  ErrorCode UserError(std::string_view token) {
    const auto answer = oauth::GetUser(token, "", world_.ports);
    return answer.ok() ? ErrorCode::kCount : answer.error().code;
  }

  World world_;
  std::string token_;
};

TEST_F(Bearer, KnowsItsOwnTokens) {
  const auto answer = oauth::GetUser(token_, "", world_.ports);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->email, "alice@acme.example");
  EXPECT_EQ(answer->org, "acme");
  EXPECT_EQ(answer->service, "cli");
}

TEST_F(Bearer, TellsTheAddressOnlyToATokenWithItsScope) {
  for (const char* scope : {"", "openid profile offline_access"}) {
    world_.rows.access_tokens[0].scope = scope;
    const auto answer = oauth::GetUser(token_, "", world_.ports);
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->email, "") << scope;
    EXPECT_EQ(answer->org, "acme");
  }
}

TEST_F(Bearer, RefusesWhatIsNotExactlyTheTokenItIssued) {
  EXPECT_EQ(UserError(""), ErrorCode::kMissingToken);
  EXPECT_EQ(UserError("nonsense"), ErrorCode::kInvalidToken);
  EXPECT_EQ(UserError(token_ + "x"), ErrorCode::kInvalidToken);
  EXPECT_EQ(UserError("e31." + token_.substr(4)), ErrorCode::kInvalidToken);
  EXPECT_EQ(UserError(std::string(9000, 'a') + ".b.c"), ErrorCode::kInvalidToken);
}

TEST_F(Bearer, EndsWithGrantUserOrganizationAndClient) {
  auto& row = world_.rows.access_tokens[0];
  row.grant_revoked = true;
  EXPECT_EQ(UserError(token_), ErrorCode::kInvalidToken);
  row.grant_revoked = false;
  row.user_status = records::UserStatus::kDisabled;
  EXPECT_EQ(UserError(token_), ErrorCode::kInvalidToken);
  row.user_status = records::UserStatus::kActive;
  world_.rows.organizations[0].status = records::OrganizationStatus::kSuspended;
  EXPECT_EQ(UserError(token_), ErrorCode::kInvalidToken);
  world_.rows.organizations[0].status = records::OrganizationStatus::kActive;
  world_.rows.clients[0].disabled = true;
  EXPECT_EQ(UserError(token_), ErrorCode::kInvalidToken);
  world_.rows.clients[0].disabled = false;
  EXPECT_EQ(UserError(token_), ErrorCode::kCount);
  world_.clock.Advance(seconds(60));
  EXPECT_EQ(UserError(token_), ErrorCode::kTokenExpired);
}

TEST_F(Bearer, SubscriptionIsFreeWithoutARowAndThePlanWithOne) {
  auto answer = oauth::GetSubscription(token_, "", world_.ports);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->plan, "free");
  const auto plan = MakeId<records::PlanId>(50);
  world_.rows.plans.push_back({.id = plan,
                               .organization_id = world_.org,
                               .service_id = world_.service,
                               .name = "pro",
                               .price_cents = 900,
                               .currency = "usd",
                               .features = "sync\nshare",
                               .created_at = {}});
  world_.rows.subscriptions.push_back({.id = {},
                                       .organization_id = world_.org,
                                       .user_id = world_.user,
                                       .service_id = world_.service,
                                       .plan_id = plan,
                                       .current_period_end = std::nullopt,
                                       .created_at = {}});
  answer = oauth::GetSubscription(token_, "", world_.ports);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->plan, "pro");
  EXPECT_EQ(answer->features, "sync\nshare");
}

TEST_F(Bearer, LogoutRevokesTheGrant) {
  const auto step = oauth::Logout(token_, "", MakeId<records::RecordId>(1), world_.ports);
  ASSERT_NE(Awaited<records::RevokeGrant>(step), nullptr);
}

TEST_F(Bearer, LogoutOfAGrantThatIsOverIsRightOnlyForTheRequestThatEndedIt) {
  world_.rows.access_tokens[0].grant_revoked = true;
  const auto step = oauth::Logout(token_, "", MakeId<records::RecordId>(1), world_.ports);
  ASSERT_NE(Awaited<records::RevokeGrant>(step), nullptr);
  EXPECT_EQ(ErrorOfStep(Answered(step, {.code = base::Code::kOk, .count = 1})), ErrorCode::kCount);
  EXPECT_EQ(ErrorOfStep(Answered(step, {.code = base::Code::kOk, .count = 0})),
            ErrorCode::kInvalidToken);
}

TEST(Scope, GrantsWhatIsKnownAndRefusesWhatIsMalformed) {
  EXPECT_EQ(*oauth::GrantScope("", ""), "");
  EXPECT_EQ(*oauth::GrantScope("openid custom email openid", ""), "openid email");
  EXPECT_EQ(oauth::GrantScope("custom", "").error().code, ErrorCode::kInvalidScope);
  EXPECT_EQ(oauth::GrantScope("openid  email", "").error().code, ErrorCode::kInvalidScope);
  EXPECT_EQ(oauth::GrantScope("open\"id", "").error().code, ErrorCode::kInvalidScope);
}

TEST(Scope, IsWithinWhatTheClientMayAskFor) {
  EXPECT_EQ(*oauth::GrantScope("openid email profile", "profile openid"), "openid profile");
  EXPECT_EQ(oauth::GrantScope("email", "profile openid").error().code, ErrorCode::kInvalidScope);
  EXPECT_EQ(*oauth::GrantScope("", "profile openid"), "");
}

TEST(Scope, GivesTheAddressByEmailAloneAndByNoWordThatHoldsIt) {
  EXPECT_TRUE(oauth::Gives("openid email profile", oauth::ScopedClaim::kEmail));
  EXPECT_TRUE(oauth::Gives("email", oauth::ScopedClaim::kEmail));
  for (const char* scope :
       {"", "openid", "profile", "email2", "e-mail", "openid profile offline_access"}) {
    EXPECT_FALSE(oauth::Gives(scope, oauth::ScopedClaim::kEmail)) << scope;
  }
}

}  // namespace
