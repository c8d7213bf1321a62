#include "store/conformance.h"

namespace store_test {
namespace {

class Sessions : public StoreConformance {
 protected:
  records::RecordId NewRecord() { return s.ids.Make<records::RecordId>(); }
  records::RefreshTokenId IdOf(const WriteResult& result) { return {result.id}; }
  bool IsRevoked(const records::RedeemDeviceCode& grant) {
    return reader().FindAccessToken(grant.access_token.id)->session_revoked;
  }
};
INSTANTIATE_FOR_EACH_STORE(Sessions);

TEST_P(Sessions, RotateARefreshToken) {
  const auto grant = Grant();
  const Time at = grant.redeemed_at + minutes(50);
  const auto rotation = s.Rotation(grant, grant.refresh_token->id, at);
  const auto result = Do(rotation);
  EXPECT_EQ(result.code, Code::kOk);
  EXPECT_EQ(IdOf(result), rotation.successor.id);
  const auto parent = reader().FindRefreshToken(grant.refresh_token->id);
  EXPECT_EQ(parent->rotated_at, at);
  const auto successor = reader().FindRefreshToken(rotation.successor.id);
  ASSERT_TRUE(successor.ok());
  EXPECT_EQ(successor->sequence, 2);
  EXPECT_EQ(successor->secret_hash, rotation.successor.secret_hash);
  EXPECT_EQ(successor->expires_at, rotation.successor.expires_at);
  EXPECT_EQ(successor->session_id, grant.session.id);
  EXPECT_FALSE(successor->rotated_at.has_value());
  EXPECT_TRUE(reader().FindAccessToken(rotation.access_token.id).ok());
  EXPECT_TRUE(reader().FindAccessToken(grant.access_token.id).ok()) << "the former lives on";
}

TEST_P(Sessions, AnswerARotationSentAgainWithTheSameSuccessor) {
  const auto grant = Grant();
  auto rotation = s.Rotation(grant, grant.refresh_token->id, grant.redeemed_at + minutes(1));
  rotation.replay_grace = milliseconds(0);
  EXPECT_EQ(Try(rotation), Code::kOk);
  EXPECT_EQ(IdOf(Do(rotation)), rotation.successor.id);

  auto by_another_child = rotation;
  by_another_child.successor = s.RefreshToken(rotation.rotated_at);
  by_another_child.access_token = s.AccessToken(rotation.rotated_at);
  const auto result = Do(by_another_child);
  EXPECT_EQ(result.code, Code::kOk);
  EXPECT_EQ(IdOf(result), rotation.successor.id);
  EXPECT_TRUE(reader().FindAccessToken(by_another_child.access_token.id).ok());
  EXPECT_EQ(reader().FindRefreshToken(by_another_child.successor.id).status().code(),
            Code::kNotFound);
  EXPECT_FALSE(IsRevoked(grant));
}

TEST_P(Sessions, GiveTheLoserOfARaceTheSameSuccessorWithinTheGrace) {
  const auto grant = Grant();
  const Time at = grant.redeemed_at + minutes(1);
  const auto first = s.Rotation(grant, grant.refresh_token->id, at);
  const auto second = s.Rotation(grant, grant.refresh_token->id, at);
  const auto results = Batch({first, second});
  EXPECT_EQ(results[0].code, Code::kOk);
  EXPECT_EQ(results[1].code, Code::kOk);
  EXPECT_EQ(IdOf(results[1]), first.successor.id);
  EXPECT_TRUE(reader().FindAccessToken(first.access_token.id).ok());
  EXPECT_TRUE(reader().FindAccessToken(second.access_token.id).ok());
  EXPECT_EQ(reader().FindRefreshToken(second.successor.id).status().code(), Code::kNotFound);
}

TEST_P(Sessions, GraceLastsUpToItsEndAndNoLonger) {
  const auto grant = Grant();
  const Time at = grant.redeemed_at + minutes(1);
  const auto rotation = s.Rotation(grant, grant.refresh_token->id, at);
  EXPECT_EQ(Try(rotation), Code::kOk);
  const auto in_time = s.Rotation(grant, grant.refresh_token->id, at + milliseconds(59'999));
  EXPECT_EQ(IdOf(Do(in_time)), rotation.successor.id);
  const auto late = s.Rotation(grant, grant.refresh_token->id, at + seconds(60));
  EXPECT_EQ(Try(late), Code::kConflict);
  EXPECT_TRUE(IsRevoked(grant));
  EXPECT_TRUE(reader().FindRefreshToken(rotation.successor.id)->session_revoked);
  EXPECT_EQ(reader().FindAccessToken(late.access_token.id).status().code(), Code::kNotFound);
}

TEST_P(Sessions, GraceEndsWhenTheSuccessorIsUsed) {
  const auto grant = Grant();
  const Time at = grant.redeemed_at + minutes(1);
  const auto first = s.Rotation(grant, grant.refresh_token->id, at);
  EXPECT_EQ(Try(first), Code::kOk);
  const auto second = s.Rotation(grant, first.successor.id, at + seconds(1));
  EXPECT_EQ(Try(second), Code::kOk);
  EXPECT_EQ(Try(s.Rotation(grant, grant.refresh_token->id, at + seconds(2))), Code::kConflict);
  EXPECT_TRUE(IsRevoked(grant));
  EXPECT_EQ(Try(s.Rotation(grant, second.successor.id, at + seconds(3))), Code::kNotFound)
      << "the family is dead";
}

TEST_P(Sessions, OrderRotationsBySequenceWhateverTheClockSays) {
  const auto grant = Grant();
  const Time at = grant.redeemed_at + minutes(10);
  const auto first = s.Rotation(grant, grant.refresh_token->id, at);
  EXPECT_EQ(Try(first), Code::kOk);
  // The clock was set back: the successor is used before it was made.
  const auto second = s.Rotation(grant, first.successor.id, at - minutes(5));
  EXPECT_EQ(Try(second), Code::kOk);
  EXPECT_EQ(reader().FindRefreshToken(second.successor.id)->sequence, 3);
  EXPECT_EQ(Try(s.Rotation(grant, grant.refresh_token->id, at - minutes(4))), Code::kConflict)
      << "the successor was used, so no clock makes this a lost answer";
}

TEST_P(Sessions, AnswerAReplayWithinTheGraceSentAgainAsTheFirst) {
  const auto grant = Grant();
  const Time at = grant.redeemed_at + minutes(1);
  const auto rotation = s.Rotation(grant, grant.refresh_token->id, at);
  EXPECT_EQ(Try(rotation), Code::kOk);
  const auto replay = s.Rotation(grant, grant.refresh_token->id, at + seconds(1));
  EXPECT_EQ(Try(replay), Code::kOk);
  EXPECT_EQ(Try(s.Rotation(grant, rotation.successor.id, at + seconds(2))), Code::kOk);
  EXPECT_EQ(IdOf(Do(replay)), rotation.successor.id);
  EXPECT_FALSE(IsRevoked(grant));
}

TEST_P(Sessions, AnswerAReplayThatKilledTheFamilySentAgainAsTheFirst) {
  const auto grant = Grant();
  const Time at = grant.redeemed_at + minutes(1);
  EXPECT_EQ(Try(s.Rotation(grant, grant.refresh_token->id, at)), Code::kOk);
  const auto replay = s.Rotation(grant, grant.refresh_token->id, at + minutes(5));
  EXPECT_EQ(Try(replay), Code::kConflict);
  EXPECT_EQ(Try(replay), Code::kConflict);
  EXPECT_EQ(Try(s.Rotation(grant, grant.refresh_token->id, at + minutes(5))), Code::kNotFound);
}

TEST_P(Sessions, RefuseARefreshTokenAtItsIdleEnd) {
  const auto grant = Grant();
  const Time end = grant.refresh_token->expires_at;
  EXPECT_EQ(Try(s.Rotation(grant, grant.refresh_token->id, end)), Code::kExpired);
  EXPECT_EQ(Try(s.Rotation(grant, grant.refresh_token->id, end - milliseconds(1))), Code::kOk);
}

TEST_P(Sessions, EndWithAReplayAfterTheIdleEndOfWhatIsReplayed) {
  const auto grant = Grant();
  const Time at = grant.refresh_token->expires_at - minutes(1);
  const auto rotation = s.Rotation(grant, grant.refresh_token->id, at);
  EXPECT_EQ(Try(rotation), Code::kOk);
  const auto replay =
      s.Rotation(grant, grant.refresh_token->id, grant.refresh_token->expires_at + hours(1));
  EXPECT_EQ(Try(replay), Code::kConflict);
  EXPECT_TRUE(IsRevoked(grant));
}

TEST_P(Sessions, RefuseARefreshTokenAtTheEndOfTheFamily) {
  auto grant = s.Redemption(acme, ApprovedCode());
  grant.session.expires_at = grant.redeemed_at + hours(2);
  EXPECT_EQ(Try(grant), Code::kOk);
  const auto late = s.Rotation(grant, grant.refresh_token->id, grant.session.expires_at);
  EXPECT_EQ(Try(late), Code::kExpired);
}

TEST_P(Sessions, RefuseATokenOfAnotherSessionOrOrganization) {
  const auto grant = Grant();
  const auto other = Grant();
  const Time at = grant.redeemed_at + minutes(1);
  auto of_another_session = s.Rotation(grant, grant.refresh_token->id, at);
  of_another_session.session_id = other.session.id;
  EXPECT_EQ(Try(of_another_session), Code::kNotFound);
  auto of_another_organization = s.Rotation(grant, grant.refresh_token->id, at);
  of_another_organization.organization_id = globex.organization.organization_id;
  EXPECT_EQ(Try(of_another_organization), Code::kNotFound);
  EXPECT_EQ(Try(s.Rotation(grant, s.ids.Make<records::RefreshTokenId>(), at)), Code::kNotFound);
  EXPECT_FALSE(IsRevoked(grant));
}

TEST_P(Sessions, EndWhenTheyAreRevoked) {
  const auto grant = Grant();
  const records::RevokeSession revocation{.record_id = NewRecord(),
                                          .organization_id = grant.organization_id,
                                          .session_id = grant.session.id,
                                          .revoked_at = grant.redeemed_at + minutes(1)};
  auto foreign = revocation;
  foreign.organization_id = globex.organization.organization_id;
  EXPECT_EQ(Try(foreign), Code::kNotFound);
  EXPECT_FALSE(IsRevoked(grant));
  EXPECT_EQ(Do(revocation).count, 1);
  EXPECT_EQ(Do(revocation).count, 1) << "the same record again";
  auto late = revocation;
  late.record_id = NewRecord();
  EXPECT_EQ(Do(late).count, 0) << "it was over";
  EXPECT_TRUE(IsRevoked(grant));
  EXPECT_TRUE(reader().FindRefreshToken(grant.refresh_token->id)->session_revoked);
  EXPECT_EQ(Try(s.Rotation(grant, grant.refresh_token->id, grant.redeemed_at + minutes(2))),
            Code::kNotFound);
}

TEST_P(Sessions, AreAllRevokedForAUserAndCounted) {
  const auto first = Grant();
  const auto second = Grant();
  const auto sign_in = s.SignIn(acme.user);
  EXPECT_EQ(Try(sign_in), Code::kOk);
  const records::RevokeUserSessions revocation{.record_id = NewRecord(),
                                               .organization_id = acme.organization.organization_id,
                                               .user_id = acme.user.user_id,
                                               .revoked_at = kNow + minutes(1)};
  EXPECT_EQ(Do(revocation).count, 2);
  EXPECT_EQ(Do(revocation).count, 2) << "the same record again";
  EXPECT_TRUE(IsRevoked(first));
  EXPECT_TRUE(IsRevoked(second));
  EXPECT_EQ(reader().FindSignIn(sign_in.organization_id, sign_in.sign_in_id).status().code(),
            Code::kNotFound);
  auto another = revocation;
  another.record_id = NewRecord();
  EXPECT_EQ(Do(another).count, 0);
}

TEST_P(Sessions, OfOneOrganizationDoNotEndWithAnothers) {
  const auto grant = Grant();
  const records::RevokeUserSessions foreign{.record_id = NewRecord(),
                                            .organization_id = globex.organization.organization_id,
                                            .user_id = acme.user.user_id,
                                            .revoked_at = kNow};
  EXPECT_EQ(Do(foreign).count, 0);
  EXPECT_FALSE(IsRevoked(grant));
}

TEST_P(Sessions, KeepASignInWithItsUser) {
  const auto sign_in = s.SignIn(acme.user);
  EXPECT_EQ(Try(sign_in), Code::kOk);
  EXPECT_EQ(Try(sign_in), Code::kOk);
  const auto row = reader().FindSignIn(sign_in.organization_id, sign_in.sign_in_id);
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->user_id, sign_in.user_id);
  EXPECT_EQ(row->secret_hash, sign_in.secret_hash);
  EXPECT_EQ(row->amr, sign_in.amr);
  EXPECT_EQ(row->auth_time, sign_in.auth_time);
  EXPECT_EQ(row->expires_at, sign_in.expires_at);
  EXPECT_EQ(row->user_email, acme.user.email);
  EXPECT_EQ(row->user_status, records::UserStatus::kActive);
  EXPECT_EQ(
      reader().FindSignIn(globex.organization.organization_id, sign_in.sign_in_id).status().code(),
      Code::kNotFound);
}

TEST_P(Sessions, ANewSignInEndsTheFormer) {
  const auto former = s.SignIn(acme.user);
  auto next = s.SignIn(acme.user);
  next.former_id = former.sign_in_id;
  EXPECT_EQ(Try(former), Code::kOk);
  EXPECT_EQ(Try(next), Code::kOk);
  EXPECT_EQ(reader().FindSignIn(former.organization_id, former.sign_in_id).status().code(),
            Code::kNotFound);
  EXPECT_TRUE(reader().FindSignIn(next.organization_id, next.sign_in_id).ok());
}

TEST_P(Sessions, AnEndedSignInIsNotRevivedByItsCreateSentAgain) {
  const auto sign_in = s.SignIn(acme.user);
  EXPECT_EQ(Try(sign_in), Code::kOk);
  const records::EndSignIn end{.record_id = NewRecord(),
                               .organization_id = sign_in.organization_id,
                               .sign_in_id = sign_in.sign_in_id};
  EXPECT_EQ(Try(end), Code::kOk);
  EXPECT_EQ(Try(end), Code::kOk);
  EXPECT_EQ(Try(sign_in), Code::kOk);
  EXPECT_EQ(reader().FindSignIn(sign_in.organization_id, sign_in.sign_in_id).status().code(),
            Code::kNotFound);
}

TEST_P(Sessions, ASignInEndsOnlyFromItsOrganization) {
  const auto sign_in = s.SignIn(acme.user);
  EXPECT_EQ(Try(sign_in), Code::kOk);
  EXPECT_EQ(Try(records::EndSignIn{.record_id = NewRecord(),
                                   .organization_id = globex.organization.organization_id,
                                   .sign_in_id = sign_in.sign_in_id}),
            Code::kOk);
  EXPECT_TRUE(reader().FindSignIn(sign_in.organization_id, sign_in.sign_in_id).ok());
}

}  // namespace
}  // namespace store_test
