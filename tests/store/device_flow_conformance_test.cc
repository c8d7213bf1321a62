#include "store/conformance.h"

namespace store_test {
namespace {

using records::DeviceCodeState;

class DeviceFlow : public StoreConformance {};
INSTANTIATE_FOR_EACH_STORE(DeviceFlow);

TEST_P(DeviceFlow, KeepsEveryFieldOfACreatedCode) {
  const auto code = s.DeviceCode(acme);
  EXPECT_EQ(Try(code), Code::kOk);
  const auto row = reader().FindDeviceCode(code.organization_id, code.device_code_id);
  ASSERT_TRUE(row.ok()) << row.error().ToString();
  EXPECT_EQ(row->id, code.device_code_id);
  EXPECT_EQ(row->organization_id, code.organization_id);
  EXPECT_EQ(row->client_row_id, code.client_row_id);
  EXPECT_EQ(row->service_id, code.service_id);
  EXPECT_EQ(row->secret_hash, code.secret_hash);
  EXPECT_EQ(row->user_code, code.user_code);
  EXPECT_EQ(row->scope, code.scope);
  EXPECT_EQ(row->issuer, code.issuer);
  EXPECT_EQ(row->address, code.address);
  EXPECT_EQ(row->device_name, code.device_name);
  EXPECT_EQ(row->state, DeviceCodeState::kPending);
  EXPECT_EQ(row->created_at, code.created_at);
  EXPECT_EQ(row->expires_at, code.expires_at);
  EXPECT_EQ(row->user_status, records::UserStatus::kActive);
}

TEST_P(DeviceFlow, FindsALiveUserCodeUntilItIsDecided) {
  const auto code = s.DeviceCode(acme);
  EXPECT_EQ(reader().FindLiveUserCode(code.user_code).status().code(), Code::kNotFound);
  EXPECT_EQ(Try(code), Code::kOk);
  const auto live = reader().FindLiveUserCode(code.user_code);
  ASSERT_TRUE(live.ok());
  EXPECT_EQ(live->id, code.device_code_id);
  EXPECT_EQ(Try(s.Decision(acme, code)), Code::kOk);
  EXPECT_EQ(reader().FindLiveUserCode(code.user_code).status().code(), Code::kNotFound);
}

TEST_P(DeviceFlow, RefusesAUserCodeThatIsLiveInAnyOrganization) {
  const auto code = s.DeviceCode(acme);
  EXPECT_EQ(Try(code), Code::kOk);
  auto same = s.DeviceCode(globex);
  same.user_code = code.user_code;
  EXPECT_EQ(Try(same), Code::kExists);
  EXPECT_EQ(reader().FindDeviceCode(same.organization_id, same.device_code_id).status().code(),
            Code::kNotFound);
  EXPECT_EQ(reader().FindLiveUserCode(code.user_code)->id, code.device_code_id);
}

TEST_P(DeviceFlow, LetsADecidedUserCodeBeDrawnAgain) {
  const auto code = ApprovedCode();
  auto again = s.DeviceCode(globex);
  again.user_code = code.user_code;
  EXPECT_EQ(Try(again), Code::kOk);
  EXPECT_EQ(reader().FindLiveUserCode(code.user_code)->id, again.device_code_id);
}

TEST_P(DeviceFlow, AnswersACreateSentAgainAsTheFirst) {
  const auto code = s.DeviceCode(acme);
  EXPECT_EQ(Try(code), Code::kOk);
  EXPECT_EQ(Try(code), Code::kOk);
  EXPECT_EQ(reader().FindLiveUserCode(code.user_code)->id, code.device_code_id);
}

TEST_P(DeviceFlow, DoesNotReviveADecidedCodeThatIsSentAgain) {
  const auto code = ApprovedCode();
  EXPECT_EQ(Try(code), Code::kOk);
  EXPECT_EQ(reader().FindLiveUserCode(code.user_code).status().code(), Code::kNotFound);
  const auto row = reader().FindDeviceCode(code.organization_id, code.device_code_id);
  EXPECT_EQ(row->state, DeviceCodeState::kApproved);
}

TEST_P(DeviceFlow, AnswersADecidedCodeSentAgainThoughAnotherHasItsUserCode) {
  const auto code = ApprovedCode();
  auto other = s.DeviceCode(globex);
  other.user_code = code.user_code;
  EXPECT_EQ(Try(other), Code::kOk);
  EXPECT_EQ(Try(code), Code::kOk);
  EXPECT_EQ(reader().FindLiveUserCode(code.user_code)->id, other.device_code_id);
}

TEST_P(DeviceFlow, RefusesAnotherCodeUnderTheSameId) {
  const auto code = s.DeviceCode(acme);
  EXPECT_EQ(Try(code), Code::kOk);
  auto other = s.DeviceCode(acme);
  other.device_code_id = code.device_code_id;
  EXPECT_EQ(Try(other), Code::kExists);
  EXPECT_EQ(reader().FindLiveUserCode(other.user_code).status().code(), Code::kNotFound);
}

TEST_P(DeviceFlow, GivesOneUserCodeToOneOfABatch) {
  auto first = s.DeviceCode(acme);
  auto second = s.DeviceCode(globex);
  auto third = s.DeviceCode(acme);
  second.user_code = first.user_code;
  const auto results = Batch({third, first, second});
  EXPECT_EQ(results[0].code, Code::kOk);
  EXPECT_EQ(results[1].code, Code::kOk);
  EXPECT_EQ(results[2].code, Code::kExists);
  EXPECT_EQ(reader().FindLiveUserCode(first.user_code)->id, first.device_code_id);
  EXPECT_EQ(reader().FindLiveUserCode(third.user_code)->id, third.device_code_id);
}

TEST_P(DeviceFlow, AnswersTheSameCreateTwiceInOneBatch) {
  const auto code = s.DeviceCode(acme);
  const auto results = Batch({code, code});
  EXPECT_EQ(results[0].code, Code::kOk);
  EXPECT_EQ(results[1].code, Code::kOk);
  EXPECT_EQ(reader().FindLiveUserCode(code.user_code)->id, code.device_code_id);
}

TEST_P(DeviceFlow, InsertsABatchOfCodesWhateverTheirOrder) {
  std::vector<records::Write> writes;
  std::vector<records::CreateDeviceCode> codes;
  for (int i = 0; i < 100; ++i) codes.push_back(s.DeviceCode(i % 2 == 0 ? acme : globex));
  for (auto code = codes.rbegin(); code != codes.rend(); ++code) writes.emplace_back(*code);
  for (const WriteResult& result : Batch(writes)) EXPECT_EQ(result.code, Code::kOk);
  for (const auto& code : codes) {
    const auto row = reader().FindLiveUserCode(code.user_code);
    ASSERT_TRUE(row.ok());
    EXPECT_EQ(row->id, code.device_code_id);
    EXPECT_EQ(row->organization_id, code.organization_id);
    EXPECT_EQ(row->secret_hash, code.secret_hash);
  }
}

TEST_P(DeviceFlow, ApprovesOnce) {
  const auto code = s.DeviceCode(acme);
  EXPECT_EQ(Try(code), Code::kOk);
  const auto decision = s.Decision(acme, code);
  EXPECT_EQ(Try(decision), Code::kOk);
  EXPECT_EQ(Try(decision), Code::kOk) << "the same record again";
  EXPECT_EQ(Try(s.Decision(acme, code)), Code::kConflict) << "another record";
  const auto row = reader().FindDeviceCode(code.organization_id, code.device_code_id);
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->state, DeviceCodeState::kApproved);
  EXPECT_EQ(row->user_id, acme.user.row.id);
  EXPECT_EQ(row->user_email, acme.user.row.email);
  EXPECT_EQ(row->amr, decision.amr);
  EXPECT_EQ(row->auth_time, decision.auth_time);
}

TEST_P(DeviceFlow, DeniesOnceAndNeverIssues) {
  const auto code = s.DeviceCode(acme);
  EXPECT_EQ(Try(code), Code::kOk);
  auto denial = s.Decision(acme, code);
  denial.approve = false;
  denial.user_id = {};
  EXPECT_EQ(Try(denial), Code::kOk);
  const auto row = reader().FindDeviceCode(code.organization_id, code.device_code_id);
  EXPECT_EQ(row->state, DeviceCodeState::kDenied);
  EXPECT_TRUE(row->user_id.is_nil());
  EXPECT_EQ(Try(s.Decision(acme, code)), Code::kConflict);
  EXPECT_EQ(Try(s.Redemption(acme, code)), Code::kConflict);
}

TEST_P(DeviceFlow, RefusesADecisionAtTheEndOfTheLifetime) {
  const auto code = s.DeviceCode(acme);
  EXPECT_EQ(Try(code), Code::kOk);
  auto late = s.Decision(acme, code);
  late.decided_at = code.expires_at;
  EXPECT_EQ(Try(late), Code::kExpired);
  auto in_time = s.Decision(acme, code);
  in_time.decided_at = code.expires_at - milliseconds(1);
  EXPECT_EQ(Try(in_time), Code::kOk);
}

TEST_P(DeviceFlow, DecidesOnlyInTheOrganizationOfTheCode) {
  const auto code = s.DeviceCode(acme);
  EXPECT_EQ(Try(code), Code::kOk);
  auto decision = s.Decision(globex, code);
  decision.organization_id = globex.organization.row.id;
  EXPECT_EQ(Try(decision), Code::kNotFound);
  EXPECT_EQ(
      reader().FindDeviceCode(globex.organization.row.id, code.device_code_id).status().code(),
      Code::kNotFound);
}

TEST_P(DeviceFlow, IssuesAGrantAndItsTokens) {
  const auto code = ApprovedCode();
  const auto redeemed = s.Redemption(acme, code);
  EXPECT_EQ(Try(redeemed), Code::kOk);
  const auto row = reader().FindDeviceCode(code.organization_id, code.device_code_id);
  EXPECT_EQ(row->state, DeviceCodeState::kRedeemed);
  EXPECT_EQ(row->redeemed_at, redeemed.redeemed_at);
  EXPECT_EQ(row->grant_id, redeemed.grant.id);

  const auto token = reader().FindAccessToken(redeemed.access_token.id);
  ASSERT_TRUE(token.ok()) << token.error().ToString();
  EXPECT_EQ(token->id, redeemed.access_token.id);
  EXPECT_EQ(token->organization_id, redeemed.organization_id);
  EXPECT_EQ(token->token_hash, redeemed.access_token.token_hash);
  EXPECT_EQ(token->scope, redeemed.access_token.scope);
  EXPECT_EQ(token->expires_at, redeemed.access_token.expires_at);
  EXPECT_EQ(token->grant_id, redeemed.grant.id);
  EXPECT_FALSE(token->grant_revoked);
  EXPECT_EQ(token->client_row_id, redeemed.client_row_id);
  EXPECT_EQ(token->service_id, redeemed.grant.service_id);
  EXPECT_EQ(token->user_id, acme.user.row.id);
  EXPECT_EQ(token->user_status, records::UserStatus::kActive);
  EXPECT_EQ(token->user_email, acme.user.row.email);

  const auto refresh = reader().FindRefreshToken(redeemed.refresh_token->id);
  ASSERT_TRUE(refresh.ok()) << refresh.error().ToString();
  EXPECT_EQ(refresh->id, redeemed.refresh_token->id);
  EXPECT_EQ(refresh->organization_id, redeemed.organization_id);
  EXPECT_EQ(refresh->grant_id, redeemed.grant.id);
  EXPECT_EQ(refresh->secret_hash, redeemed.refresh_token->secret_hash);
  EXPECT_EQ(refresh->sequence, 1);
  EXPECT_EQ(refresh->expires_at, redeemed.refresh_token->expires_at);
  EXPECT_FALSE(refresh->rotated_at.has_value());
  EXPECT_EQ(refresh->client_row_id, redeemed.client_row_id);
  EXPECT_EQ(refresh->service_id, redeemed.grant.service_id);
  EXPECT_EQ(refresh->user_id, acme.user.row.id);
  EXPECT_EQ(refresh->user_email, acme.user.row.email);
  EXPECT_EQ(refresh->scope, redeemed.grant.scope);
  EXPECT_EQ(refresh->issuer, redeemed.grant.issuer);
  EXPECT_EQ(refresh->amr, redeemed.grant.amr);
  EXPECT_EQ(refresh->auth_time, redeemed.grant.auth_time);
  EXPECT_EQ(refresh->grant_expires_at, redeemed.grant.expires_at);
  EXPECT_FALSE(refresh->grant_revoked);
}

TEST_P(DeviceFlow, IssuesNoRefreshTokenWhereNoneIsDue) {
  auto redeemed = s.Redemption(acme, ApprovedCode());
  const auto refresh_token_id = redeemed.refresh_token->id;
  redeemed.refresh_token.reset();
  EXPECT_EQ(Try(redeemed), Code::kOk);
  EXPECT_TRUE(reader().FindAccessToken(redeemed.access_token.id).ok());
  EXPECT_EQ(reader().FindRefreshToken(refresh_token_id).status().code(), Code::kNotFound);
}

TEST_P(DeviceFlow, ReadsATokenWithTheSubscriptionOfItsUser) {
  const auto redeemed = Grant();
  const auto found = reader().FindAccessTokenWithSubscription(redeemed.access_token.id);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->token.token_hash, redeemed.access_token.token_hash);
  ASSERT_TRUE(found->subscription.has_value());
  EXPECT_EQ(found->subscription->id, acme.subscription.row.id);
  EXPECT_EQ(found->subscription->organization_id, acme.organization.row.id);
  EXPECT_EQ(found->subscription->user_id, acme.user.row.id);
  EXPECT_EQ(found->subscription->service_id, acme.service.row.id);
  EXPECT_EQ(found->subscription->plan_id, acme.plan.row.id);
  EXPECT_EQ(found->subscription->status, records::SubscriptionStatus::kActive);
  EXPECT_EQ(found->subscription->current_period_end, acme.subscription.row.current_period_end);
}

TEST_P(DeviceFlow, ReadsATokenWithoutASubscription) {
  const auto redeemed = Grant();
  EXPECT_EQ(Try(records::DeleteSubscription{.record_id = s.ids.Make<records::RecordId>(),
                                            .organization_id = acme.organization.row.id,
                                            .user_id = acme.user.row.id,
                                            .service_id = acme.service.row.id}),
            Code::kOk);
  const auto found = reader().FindAccessTokenWithSubscription(redeemed.access_token.id);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->token.user_id, acme.user.row.id);
  EXPECT_FALSE(found->subscription.has_value());
}

TEST_P(DeviceFlow, LetsOneOfAHundredRedeem) {
  const auto code = ApprovedCode();
  std::vector<records::RedeemDeviceCode> grants;
  std::vector<records::Write> writes;
  for (int i = 0; i < 100; ++i) {
    grants.push_back(s.Redemption(acme, code));
    writes.emplace_back(grants.back());
  }
  const auto results = Batch(writes);
  EXPECT_EQ(results[0].code, Code::kOk);
  EXPECT_TRUE(reader().FindAccessToken(grants[0].access_token.id).ok());
  for (std::size_t i = 1; i < results.size(); ++i) {
    EXPECT_EQ(results[i].code, Code::kConflict);
    EXPECT_FALSE(reader().FindAccessToken(grants[i].access_token.id).ok());
  }
}

TEST_P(DeviceFlow, RefusesRedemptionBeforeApproval) {
  const auto code = s.DeviceCode(acme);
  EXPECT_EQ(Try(code), Code::kOk);
  EXPECT_EQ(Try(s.Redemption(acme, code)), Code::kConflict);
}

TEST_P(DeviceFlow, RedeemsOnlyForTheClientAndTheOrganizationOfTheCode) {
  const auto code = ApprovedCode();
  auto other_client = s.Redemption(acme, code);
  other_client.client_row_id = globex.service.client.id;
  EXPECT_EQ(Try(other_client), Code::kNotFound);
  auto other_organization = s.Redemption(acme, code);
  other_organization.organization_id = globex.organization.row.id;
  EXPECT_EQ(Try(other_organization), Code::kNotFound);
  EXPECT_EQ(Try(s.Redemption(acme, code)), Code::kOk);
}

TEST_P(DeviceFlow, AnswersARedemptionSentAgainAsTheFirst) {
  const auto redeemed = Grant();
  EXPECT_EQ(Try(redeemed), Code::kOk);
  EXPECT_EQ(
      Try(s.Rotation(redeemed, redeemed.refresh_token->id, redeemed.redeemed_at + seconds(1))),
      Code::kOk);
  EXPECT_EQ(Try(redeemed), Code::kOk) << "and again after its refresh token was used";
}

// nginx gave the request to another child after the first died: the same record, other tokens, and
// only these are ever told to the client.
TEST_P(DeviceFlow, IssuesTheTokensOfARedemptionSentAgainByAnotherChild) {
  const auto first = Grant();
  auto second = first;
  second.grant.id = s.ids.Make<records::GrantId>();
  second.access_token = s.AccessToken(first.redeemed_at);
  second.refresh_token = s.RefreshToken(first.redeemed_at);
  EXPECT_EQ(Try(second), Code::kOk);
  EXPECT_TRUE(reader().FindAccessToken(second.access_token.id).ok());
  EXPECT_TRUE(reader().FindRefreshToken(second.refresh_token->id).ok());
  EXPECT_EQ(reader().FindDeviceCode(first.organization_id, first.device_code_id)->grant_id,
            second.grant.id);
}

TEST_P(DeviceFlow, CountsACodeOfADeletedUserAsADisabledOnes) {
  const auto code = ApprovedCode();
  EXPECT_EQ(Try(records::DeleteUser{.record_id = s.ids.Make<records::RecordId>(),
                                    .user_id = acme.user.row.id,
                                    .organization_id = acme.organization.row.id,
                                    .deleted_at = kNow}),
            Code::kOk);
  EXPECT_EQ(reader().FindDeviceCode(code.organization_id, code.device_code_id)->user_status,
            records::UserStatus::kDisabled);
}

}  // namespace
}  // namespace store_test
