#include "store/conformance.h"

namespace store_test {
namespace {

class Grants : public StoreConformance {
 protected:
  records::RecordId NewRecord() { return s.ids.Make<records::RecordId>(); }
  records::RefreshTokenId IdOf(const WriteResult& result) { return {result.id}; }
  bool IsRevoked(const records::RedeemDeviceCode& redeemed) {
    return reader().FindAccessToken(redeemed.access_token.id)->grant_revoked;
  }
};
INSTANTIATE_FOR_EACH_STORE(Grants);

TEST_P(Grants, RotateARefreshToken) {
  const auto redeemed = Grant();
  const Time at = redeemed.redeemed_at + minutes(50);
  const auto rotation = s.Rotation(redeemed, redeemed.refresh_token->id, at);
  const auto result = Do(rotation);
  EXPECT_EQ(result.code, Code::kOk);
  EXPECT_EQ(IdOf(result), rotation.successor.id);
  const auto parent = reader().FindRefreshToken(redeemed.refresh_token->id);
  EXPECT_EQ(parent->rotated_at, at);
  const auto successor = reader().FindRefreshToken(rotation.successor.id);
  ASSERT_TRUE(successor.ok());
  EXPECT_EQ(successor->sequence, 2);
  EXPECT_EQ(successor->secret_hash, rotation.successor.secret_hash);
  EXPECT_EQ(successor->expires_at, rotation.successor.expires_at);
  EXPECT_EQ(successor->grant_id, redeemed.grant.id);
  EXPECT_FALSE(successor->rotated_at.has_value());
  EXPECT_TRUE(reader().FindAccessToken(rotation.access_token.id).ok());
  EXPECT_TRUE(reader().FindAccessToken(redeemed.access_token.id).ok()) << "the former lives on";
}

TEST_P(Grants, AnswerARotationSentAgainWithTheSameSuccessor) {
  const auto redeemed = Grant();
  auto rotation =
      s.Rotation(redeemed, redeemed.refresh_token->id, redeemed.redeemed_at + minutes(1));
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
  EXPECT_FALSE(IsRevoked(redeemed));
}

TEST_P(Grants, GiveTheLoserOfARaceTheSameSuccessorWithinTheGrace) {
  const auto redeemed = Grant();
  const Time at = redeemed.redeemed_at + minutes(1);
  const auto first = s.Rotation(redeemed, redeemed.refresh_token->id, at);
  const auto second = s.Rotation(redeemed, redeemed.refresh_token->id, at);
  const auto results = Batch({first, second});
  EXPECT_EQ(results[0].code, Code::kOk);
  EXPECT_EQ(results[1].code, Code::kOk);
  EXPECT_EQ(IdOf(results[1]), first.successor.id);
  EXPECT_TRUE(reader().FindAccessToken(first.access_token.id).ok());
  EXPECT_TRUE(reader().FindAccessToken(second.access_token.id).ok());
  EXPECT_EQ(reader().FindRefreshToken(second.successor.id).status().code(), Code::kNotFound);
}

TEST_P(Grants, GraceLastsUpToItsEndAndNoLonger) {
  const auto redeemed = Grant();
  const Time at = redeemed.redeemed_at + minutes(1);
  const auto rotation = s.Rotation(redeemed, redeemed.refresh_token->id, at);
  EXPECT_EQ(Try(rotation), Code::kOk);
  const auto in_time = s.Rotation(redeemed, redeemed.refresh_token->id, at + milliseconds(59'999));
  EXPECT_EQ(IdOf(Do(in_time)), rotation.successor.id);
  const auto late = s.Rotation(redeemed, redeemed.refresh_token->id, at + seconds(60));
  EXPECT_EQ(Try(late), Code::kConflict);
  EXPECT_TRUE(IsRevoked(redeemed));
  EXPECT_TRUE(reader().FindRefreshToken(rotation.successor.id)->grant_revoked);
  EXPECT_EQ(reader().FindAccessToken(late.access_token.id).status().code(), Code::kNotFound);
}

TEST_P(Grants, GraceEndsWhenTheSuccessorIsUsed) {
  const auto redeemed = Grant();
  const Time at = redeemed.redeemed_at + minutes(1);
  const auto first = s.Rotation(redeemed, redeemed.refresh_token->id, at);
  EXPECT_EQ(Try(first), Code::kOk);
  const auto second = s.Rotation(redeemed, first.successor.id, at + seconds(1));
  EXPECT_EQ(Try(second), Code::kOk);
  EXPECT_EQ(Try(s.Rotation(redeemed, redeemed.refresh_token->id, at + seconds(2))),
            Code::kConflict);
  EXPECT_TRUE(IsRevoked(redeemed));
  EXPECT_EQ(Try(s.Rotation(redeemed, second.successor.id, at + seconds(3))), Code::kNotFound)
      << "the family is dead";
}

TEST_P(Grants, OrderRotationsBySequenceWhateverTheClockSays) {
  const auto redeemed = Grant();
  const Time at = redeemed.redeemed_at + minutes(10);
  const auto first = s.Rotation(redeemed, redeemed.refresh_token->id, at);
  EXPECT_EQ(Try(first), Code::kOk);
  // The clock was set back: the successor is used before it was made.
  const auto second = s.Rotation(redeemed, first.successor.id, at - minutes(5));
  EXPECT_EQ(Try(second), Code::kOk);
  EXPECT_EQ(reader().FindRefreshToken(second.successor.id)->sequence, 3);
  EXPECT_EQ(Try(s.Rotation(redeemed, redeemed.refresh_token->id, at - minutes(4))), Code::kConflict)
      << "the successor was used, so no clock makes this a lost answer";
}

TEST_P(Grants, AnswerAReplayWithinTheGraceSentAgainAsTheFirst) {
  const auto redeemed = Grant();
  const Time at = redeemed.redeemed_at + minutes(1);
  const auto rotation = s.Rotation(redeemed, redeemed.refresh_token->id, at);
  EXPECT_EQ(Try(rotation), Code::kOk);
  const auto replay = s.Rotation(redeemed, redeemed.refresh_token->id, at + seconds(1));
  EXPECT_EQ(Try(replay), Code::kOk);
  EXPECT_EQ(Try(s.Rotation(redeemed, rotation.successor.id, at + seconds(2))), Code::kOk);
  EXPECT_EQ(IdOf(Do(replay)), rotation.successor.id);
  EXPECT_FALSE(IsRevoked(redeemed));
}

TEST_P(Grants, AnswerAReplayThatKilledTheFamilySentAgainAsTheFirst) {
  const auto redeemed = Grant();
  const Time at = redeemed.redeemed_at + minutes(1);
  EXPECT_EQ(Try(s.Rotation(redeemed, redeemed.refresh_token->id, at)), Code::kOk);
  const auto replay = s.Rotation(redeemed, redeemed.refresh_token->id, at + minutes(5));
  EXPECT_EQ(Try(replay), Code::kConflict);
  EXPECT_EQ(Try(replay), Code::kConflict);
  EXPECT_EQ(Try(s.Rotation(redeemed, redeemed.refresh_token->id, at + minutes(5))),
            Code::kNotFound);
}

TEST_P(Grants, RefuseARefreshTokenAtItsIdleEnd) {
  const auto redeemed = Grant();
  const Time end = redeemed.refresh_token->expires_at;
  EXPECT_EQ(Try(s.Rotation(redeemed, redeemed.refresh_token->id, end)), Code::kExpired);
  EXPECT_EQ(Try(s.Rotation(redeemed, redeemed.refresh_token->id, end - milliseconds(1))),
            Code::kOk);
}

TEST_P(Grants, EndWithAReplayAfterTheIdleEndOfWhatIsReplayed) {
  const auto redeemed = Grant();
  const Time at = redeemed.refresh_token->expires_at - minutes(1);
  const auto rotation = s.Rotation(redeemed, redeemed.refresh_token->id, at);
  EXPECT_EQ(Try(rotation), Code::kOk);
  const auto replay = s.Rotation(redeemed, redeemed.refresh_token->id,
                                 redeemed.refresh_token->expires_at + hours(1));
  EXPECT_EQ(Try(replay), Code::kConflict);
  EXPECT_TRUE(IsRevoked(redeemed));
}

TEST_P(Grants, RefuseARefreshTokenAtTheEndOfTheFamily) {
  auto redeemed = s.Redemption(acme, ApprovedCode());
  redeemed.grant.expires_at = redeemed.redeemed_at + hours(2);
  EXPECT_EQ(Try(redeemed), Code::kOk);
  const auto late = s.Rotation(redeemed, redeemed.refresh_token->id, redeemed.grant.expires_at);
  EXPECT_EQ(Try(late), Code::kExpired);
}

TEST_P(Grants, RefuseATokenOfAnotherGrantOrOrganization) {
  const auto redeemed = Grant();
  const auto other = Grant();
  const Time at = redeemed.redeemed_at + minutes(1);
  auto of_another_grant = s.Rotation(redeemed, redeemed.refresh_token->id, at);
  of_another_grant.grant_id = other.grant.id;
  EXPECT_EQ(Try(of_another_grant), Code::kNotFound);
  auto of_another_organization = s.Rotation(redeemed, redeemed.refresh_token->id, at);
  of_another_organization.organization_id = globex.organization.row.id;
  EXPECT_EQ(Try(of_another_organization), Code::kNotFound);
  EXPECT_EQ(Try(s.Rotation(redeemed, s.ids.Make<records::RefreshTokenId>(), at)), Code::kNotFound);
  EXPECT_FALSE(IsRevoked(redeemed));
}

TEST_P(Grants, EndWhenTheyAreRevoked) {
  const auto redeemed = Grant();
  const records::RevokeGrant revocation{.record_id = NewRecord(),
                                        .organization_id = redeemed.organization_id,
                                        .grant_id = redeemed.grant.id,
                                        .revoked_at = redeemed.redeemed_at + minutes(1)};
  auto foreign = revocation;
  foreign.organization_id = globex.organization.row.id;
  EXPECT_EQ(Try(foreign), Code::kNotFound);
  EXPECT_FALSE(IsRevoked(redeemed));
  EXPECT_EQ(Do(revocation).count, 1);
  EXPECT_EQ(Do(revocation).count, 1) << "the same record again";
  auto late = revocation;
  late.record_id = NewRecord();
  EXPECT_EQ(Do(late).count, 0) << "it was over";
  EXPECT_TRUE(IsRevoked(redeemed));
  EXPECT_TRUE(reader().FindRefreshToken(redeemed.refresh_token->id)->grant_revoked);
  EXPECT_EQ(
      Try(s.Rotation(redeemed, redeemed.refresh_token->id, redeemed.redeemed_at + minutes(2))),
      Code::kNotFound);
}

TEST_P(Grants, AreAllRevokedForAUserAndCounted) {
  const auto first = Grant();
  const auto second = Grant();
  const auto session = s.SignIn(acme.user);
  EXPECT_EQ(Try(session), Code::kOk);
  const records::RevokeUserGrants revocation{.record_id = NewRecord(),
                                             .organization_id = acme.organization.row.id,
                                             .user_id = acme.user.row.id,
                                             .revoked_at = kNow + minutes(1)};
  EXPECT_EQ(Do(revocation).count, 2);
  EXPECT_EQ(Do(revocation).count, 2) << "the same record again";
  EXPECT_TRUE(IsRevoked(first));
  EXPECT_TRUE(IsRevoked(second));
  EXPECT_EQ(reader().FindSession(session.organization_id, session.session_id).status().code(),
            Code::kNotFound);
  auto another = revocation;
  another.record_id = NewRecord();
  EXPECT_EQ(Do(another).count, 0);
}

TEST_P(Grants, OfOneOrganizationDoNotEndWithAnothers) {
  const auto redeemed = Grant();
  const records::RevokeUserGrants foreign{.record_id = NewRecord(),
                                          .organization_id = globex.organization.row.id,
                                          .user_id = acme.user.row.id,
                                          .revoked_at = kNow};
  EXPECT_EQ(Do(foreign).count, 0);
  EXPECT_FALSE(IsRevoked(redeemed));
}

TEST_P(Grants, KeepASessionWithItsUser) {
  const auto session = s.SignIn(acme.user);
  EXPECT_EQ(Try(session), Code::kOk);
  EXPECT_EQ(Try(session), Code::kOk);
  const auto row = reader().FindSession(session.organization_id, session.session_id);
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->user_id, session.user_id);
  EXPECT_EQ(row->secret_hash, session.secret_hash);
  EXPECT_EQ(row->amr, session.amr);
  EXPECT_EQ(row->auth_time, session.auth_time);
  EXPECT_EQ(row->expires_at, session.expires_at);
  EXPECT_EQ(row->user_email, acme.user.row.email);
  EXPECT_EQ(row->user_status, records::UserStatus::kActive);
  EXPECT_EQ(reader().FindSession(globex.organization.row.id, session.session_id).status().code(),
            Code::kNotFound);
}

TEST_P(Grants, ANewSessionEndsTheFormer) {
  const auto former = s.SignIn(acme.user);
  auto next = s.SignIn(acme.user);
  next.former_id = former.session_id;
  EXPECT_EQ(Try(former), Code::kOk);
  EXPECT_EQ(Try(next), Code::kOk);
  EXPECT_EQ(reader().FindSession(former.organization_id, former.session_id).status().code(),
            Code::kNotFound);
  EXPECT_TRUE(reader().FindSession(next.organization_id, next.session_id).ok());
}

TEST_P(Grants, AnEndedSessionIsNotRevivedByItsCreateSentAgain) {
  const auto session = s.SignIn(acme.user);
  EXPECT_EQ(Try(session), Code::kOk);
  const records::EndSession end{.record_id = NewRecord(),
                                .organization_id = session.organization_id,
                                .session_id = session.session_id};
  EXPECT_EQ(Try(end), Code::kOk);
  EXPECT_EQ(Try(end), Code::kOk);
  EXPECT_EQ(Try(session), Code::kOk);
  EXPECT_EQ(reader().FindSession(session.organization_id, session.session_id).status().code(),
            Code::kNotFound);
}

TEST_P(Grants, ASessionEndsOnlyFromItsOrganization) {
  const auto session = s.SignIn(acme.user);
  EXPECT_EQ(Try(session), Code::kOk);
  EXPECT_EQ(Try(records::EndSession{.record_id = NewRecord(),
                                    .organization_id = globex.organization.row.id,
                                    .session_id = session.session_id}),
            Code::kOk);
  EXPECT_TRUE(reader().FindSession(session.organization_id, session.session_id).ok());
}

}  // namespace
}  // namespace store_test
