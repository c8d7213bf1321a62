#include "store/conformance.h"

namespace store_test {
namespace {

using records::UserStatus;

class People : public StoreConformance {
 protected:
  records::RecordId NewRecord() { return s.ids.Make<records::RecordId>(); }
  records::UpdateUser Update(const records::CreateUser& user) {
    return {.record_id = NewRecord(),
            .user_id = user.row.id,
            .organization_id = user.row.organization_id,
            .email = {},
            .status = {},
            .unlocked_at = {},
            .updated_at = kNow + minutes(1)};
  }
  records::DeleteUser Deletion(const records::CreateUser& user) {
    return {.record_id = NewRecord(),
            .user_id = user.row.id,
            .organization_id = user.row.organization_id,
            .deleted_at = kNow + minutes(1)};
  }
  records::RedeemPasswordLink Redemption(const records::CreatePasswordLink& link) {
    return {.record_id = NewRecord(),
            .password_link_id = link.password_link_id,
            .organization_id = link.organization_id,
            .password_hash = "$argon2id$new",
            .redeemed_at = kNow + minutes(5)};
  }
  records::CreateMembership Ownership(const records::CreateUser& user) {
    return {.record_id = NewRecord(),
            .user_id = user.row.id,
            .organization_id = records::kPlatformOrganizationId,
            .role = records::Role::kOwner,
            .created_at = kNow};
  }
};
INSTANTIATE_FOR_EACH_STORE(People);

TEST_P(People, AreFoundByIdAndByEmail) {
  const auto& made = acme.user;
  const auto row = reader().FindUser(made.row.organization_id, made.row.id);
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->email, made.row.email);
  EXPECT_EQ(row->email_verified, made.row.email_verified);
  EXPECT_EQ(row->password_hash, made.row.password_hash);
  EXPECT_EQ(row->status, UserStatus::kActive);
  EXPECT_EQ(row->unlocked_at, Time());
  EXPECT_EQ(row->created_at, made.row.created_at);
  EXPECT_EQ(reader().FindUserByEmail(made.row.organization_id, made.row.email)->id, made.row.id);
}

TEST_P(People, OfTwoOrganizationsMayShareAnEmail) {
  ASSERT_EQ(acme.user.row.email, globex.user.row.email);
  EXPECT_EQ(reader().FindUserByEmail(acme.user.row.organization_id, acme.user.row.email)->id,
            acme.user.row.id);
  EXPECT_EQ(reader().FindUserByEmail(globex.user.row.organization_id, globex.user.row.email)->id,
            globex.user.row.id);
  EXPECT_EQ(reader().FindUser(globex.user.row.organization_id, acme.user.row.id).status().code(),
            Code::kNotFound);
}

TEST_P(People, HaveOneEmailEachInAnOrganization) {
  EXPECT_EQ(Try(s.User(acme.user.row.organization_id, acme.user.row.email)), Code::kExists);
  EXPECT_EQ(Try(acme.user), Code::kOk) << "the same record again";
  EXPECT_EQ(Try(s.User(s.ids.Make<records::OrganizationId>(), "x@example.com")), Code::kNotFound);
}

TEST_P(People, ACreateSentAgainByAnotherChildNamesTheRowThatIsThere) {
  auto again = acme.user;
  again.row.id = s.ids.Make<records::UserId>();
  const auto result = Do(again);
  EXPECT_EQ(result.code, Code::kOk);
  EXPECT_EQ(result.id, acme.user.row.id.bytes);
}

TEST_P(People, AreUpdatedInTheMembersThatArePresent) {
  auto update = Update(acme.user);
  update.email = "alice@new.example";
  EXPECT_EQ(Try(update), Code::kOk);
  auto unlock = Update(acme.user);
  unlock.unlocked_at = kNow + minutes(2);
  EXPECT_EQ(Try(unlock), Code::kOk);
  const auto row = reader().FindUser(acme.user.row.organization_id, acme.user.row.id);
  EXPECT_EQ(row->email, "alice@new.example");
  EXPECT_EQ(row->unlocked_at, kNow + minutes(2));
  EXPECT_EQ(row->password_hash, acme.user.row.password_hash);
  EXPECT_EQ(row->updated_at, unlock.updated_at);
}

TEST_P(People, AreNotUpdatedToATakenEmailNorFromElsewhere) {
  const auto bob = s.User(acme.user.row.organization_id, "bob@example.com");
  EXPECT_EQ(Try(bob), Code::kOk);
  auto taken = Update(bob);
  taken.email = acme.user.row.email;
  EXPECT_EQ(Try(taken), Code::kExists);
  auto foreign = Update(bob);
  foreign.organization_id = globex.organization.row.id;
  foreign.email = "mallory@example.com";
  EXPECT_EQ(Try(foreign), Code::kNotFound);
  EXPECT_EQ(reader().FindUser(bob.row.organization_id, bob.row.id)->email, bob.row.email);
}

TEST_P(People, WhenDisabledLoseGrantsAndSessions) {
  const auto grant = Grant();
  const auto session = s.SignIn(acme.user);
  EXPECT_EQ(Try(session), Code::kOk);
  auto disable = Update(acme.user);
  disable.status = UserStatus::kDisabled;
  EXPECT_EQ(Try(disable), Code::kOk);
  const auto token = reader().FindAccessToken(grant.access_token.id);
  EXPECT_TRUE(token->grant_revoked);
  EXPECT_EQ(token->user_status, UserStatus::kDisabled);
  EXPECT_FALSE(reader().FindSession(session.organization_id, session.session_id).ok());
}

// Whatever ends all grants must end what was begun before it, too: a thief may hold a sign-in whose
// password is still being checked, and a code that was approved and is not redeemed yet.
class WhatWasBegun : public People {
 protected:
  void ExpectRefusedAfter(const records::Write& end) {
    const auto approved = ApprovedCode();
    const auto pending = s.DeviceCode(acme);
    EXPECT_EQ(Try(pending), Code::kOk);
    const auto kept = s.SignIn(acme.user);
    EXPECT_EQ(Try(kept), Code::kOk);
    const auto late = s.SignIn(acme.user);
    EXPECT_EQ(Try(end), Code::kOk);
    EXPECT_EQ(Try(late), Code::kDenied);
    EXPECT_EQ(Try(kept), Code::kOk) << "the same record again";
    EXPECT_FALSE(reader().FindSession(kept.organization_id, kept.session_id).ok());
    EXPECT_EQ(Try(s.Decision(acme, pending)), Code::kDenied);
    EXPECT_EQ(Try(s.Redemption(acme, approved)), Code::kDenied);
    EXPECT_EQ(
        reader().FindDeviceCode(approved.organization_id, approved.device_code_id)->user_status,
        UserStatus::kDisabled);
  }

  void ExpectTakenWithTheNewEpoch() {
    const auto user = reader().FindUser(acme.user.row.organization_id, acme.user.row.id);
    auto session = s.SignIn(acme.user);
    session.session_epoch = user->session_epoch;
    EXPECT_EQ(Try(session), Code::kOk);
    EXPECT_EQ(reader().FindSession(session.organization_id, session.session_id)->user_session_epoch,
              user->session_epoch);
    const auto code = s.DeviceCode(acme);
    EXPECT_EQ(Try(code), Code::kOk);
    auto decision = s.Decision(acme, code);
    decision.session_epoch = user->session_epoch;
    EXPECT_EQ(Try(decision), Code::kOk);
    EXPECT_EQ(Try(s.Redemption(acme, code)), Code::kOk);
  }
};
INSTANTIATE_FOR_EACH_STORE(WhatWasBegun);

TEST_P(WhatWasBegun, EndsWithANewPassword) {
  const auto link = s.PasswordLink(acme.user);
  EXPECT_EQ(Try(link), Code::kOk);
  ExpectRefusedAfter(records::RedeemPasswordLink{.record_id = s.ids.Make<records::RecordId>(),
                                                 .password_link_id = link.password_link_id,
                                                 .organization_id = link.organization_id,
                                                 .password_hash = "$argon2id$new",
                                                 .redeemed_at = kNow + minutes(1)});
  ExpectTakenWithTheNewEpoch();
}

TEST_P(WhatWasBegun, EndsWhenAllGrantsAreRevoked) {
  ExpectRefusedAfter(records::RevokeUserGrants{.record_id = s.ids.Make<records::RecordId>(),
                                               .organization_id = acme.user.row.organization_id,
                                               .user_id = acme.user.row.id,
                                               .revoked_at = kNow});
  ExpectTakenWithTheNewEpoch();
}

TEST_P(WhatWasBegun, EndsWhenDisabledAndDoesNotComeBackWhenEnabled) {
  auto disable = Update(acme.user);
  disable.status = UserStatus::kDisabled;
  ExpectRefusedAfter(disable);
  auto enable = Update(acme.user);
  enable.status = UserStatus::kActive;
  EXPECT_EQ(Try(enable), Code::kOk);
  EXPECT_EQ(Try(s.SignIn(acme.user)), Code::kDenied);
  ExpectTakenWithTheNewEpoch();
}

TEST_P(People, AreDeletedWithAllThatIsTheirs) {
  const auto grant = Grant();
  const auto session = s.SignIn(acme.user);
  const auto link = s.PasswordLink(acme.user);
  EXPECT_EQ(Try(session), Code::kOk);
  EXPECT_EQ(Try(link), Code::kOk);
  const auto deletion = Deletion(acme.user);
  EXPECT_EQ(Try(deletion), Code::kOk);
  EXPECT_EQ(Try(deletion), Code::kOk) << "the same record again";
  EXPECT_EQ(Try(Deletion(acme.user)), Code::kNotFound) << "another record";
  EXPECT_FALSE(reader().FindUser(acme.user.row.organization_id, acme.user.row.id).ok());
  EXPECT_FALSE(reader().FindAccessToken(grant.access_token.id).ok());
  EXPECT_FALSE(reader().FindRefreshToken(grant.refresh_token->id).ok());
  EXPECT_FALSE(reader().FindSession(session.organization_id, session.session_id).ok());
  EXPECT_FALSE(reader().FindPasswordLink(link.password_link_id).ok());
  EXPECT_FALSE(
      reader()
          .FindSubscription(acme.user.row.organization_id, acme.user.row.id, acme.service.row.id)
          ->has_value());
  EXPECT_EQ(Try(s.User(acme.user.row.organization_id, acme.user.row.email)), Code::kOk)
      << "the address is free again";
}

TEST_P(People, AreNotDeletedFromElsewhere) {
  auto foreign = Deletion(acme.user);
  foreign.organization_id = globex.organization.row.id;
  EXPECT_EQ(Try(foreign), Code::kNotFound);
  EXPECT_TRUE(reader().FindUser(acme.user.row.organization_id, acme.user.row.id).ok());
}

TEST_P(People, OwnThePlatformByMembership) {
  const auto owner = s.User(records::kPlatformOrganizationId, "root@example.com");
  EXPECT_EQ(Try(owner), Code::kOk);
  EXPECT_FALSE(*reader().IsPlatformOwner(owner.row.id));
  const auto ownership = Ownership(owner);
  EXPECT_EQ(Try(ownership), Code::kOk);
  EXPECT_EQ(Try(ownership), Code::kOk) << "the same record again";
  EXPECT_EQ(Try(Ownership(owner)), Code::kExists);
  EXPECT_TRUE(*reader().IsPlatformOwner(owner.row.id));
}

TEST_P(People, AdministerAnotherOrganizationWithoutOwningThePlatform) {
  const auto admin = s.User(records::kPlatformOrganizationId, "admin@example.com");
  EXPECT_EQ(Try(admin), Code::kOk);
  auto membership = Ownership(admin);
  membership.organization_id = acme.organization.row.id;
  EXPECT_EQ(Try(membership), Code::kOk);
  EXPECT_FALSE(*reader().IsPlatformOwner(admin.row.id));
  auto of_no_organization = Ownership(admin);
  of_no_organization.organization_id = s.ids.Make<records::OrganizationId>();
  EXPECT_EQ(Try(of_no_organization), Code::kNotFound);
  EXPECT_EQ(Try(Ownership(acme.user)), Code::kNotFound) << "not a user of the platform";
}

TEST_P(People, TheLastOwnerOfThePlatformStays) {
  const auto first = s.User(records::kPlatformOrganizationId, "first@example.com");
  const auto second = s.User(records::kPlatformOrganizationId, "second@example.com");
  for (const auto& owner : {first, second}) {
    EXPECT_EQ(Try(owner), Code::kOk);
    EXPECT_EQ(Try(Ownership(owner)), Code::kOk);
  }
  auto disable = Update(first);
  disable.status = UserStatus::kDisabled;
  EXPECT_EQ(Try(disable), Code::kOk);
  EXPECT_EQ(Try(Deletion(second)), Code::kConflict) << "a disabled owner owns nothing";
  auto enable = Update(first);
  enable.status = UserStatus::kActive;
  EXPECT_EQ(Try(enable), Code::kOk);
  EXPECT_EQ(Try(Deletion(first)), Code::kOk);
  EXPECT_EQ(Try(Deletion(second)), Code::kConflict);
  auto disable_last = Update(second);
  disable_last.status = UserStatus::kDisabled;
  EXPECT_EQ(Try(disable_last), Code::kConflict);
  EXPECT_EQ(reader().FindUser(second.row.organization_id, second.row.id)->status,
            UserStatus::kActive);
  EXPECT_TRUE(*reader().IsPlatformOwner(second.row.id));
}

TEST_P(People, HaveTheirWrongPasswordsCountedWithinAWindow) {
  const auto fail_in = [&](Time at, Time since) {
    return records::RecordFailedSignIn{.record_id = NewRecord(),
                                       .organization_id = acme.user.row.organization_id,
                                       .user_id = acme.user.row.id,
                                       .failed_at = at,
                                       .guess_window = minutes(15),
                                       .account_limit = 3,
                                       .guesses_since = since};
  };
  const auto fail = [&](Time at) { return fail_in(at, at); };  // memory has counted nothing
  const auto guesses = [&] {
    return reader().FindUserByEmail(acme.user.row.organization_id, acme.user.row.email)->guesses;
  };
  const auto first = fail(kNow);
  EXPECT_EQ(Do(first).count, 1);
  EXPECT_EQ(Do(first).count, 1) << "the same record again";
  EXPECT_EQ(Do(fail(kNow + minutes(14))).count, 2);
  EXPECT_EQ(reader().FindUser(acme.user.row.organization_id, acme.user.row.id)->guesses_since,
            kNow);
  EXPECT_EQ(Do(fail_in(kNow + minutes(15) + milliseconds(700), kNow + seconds(1))).count, 3)
      << "memory's window goes on";
  EXPECT_EQ(Do(fail(kNow + minutes(15))).count, 1) << "another window";
  EXPECT_EQ(Do(fail(kNow - minutes(1))).count, 1) << "the clock was set back by more than a window";
  EXPECT_EQ(Do(fail(kNow - minutes(2))).count, 2) << "by less";
  EXPECT_EQ(guesses(), 2);
  auto foreign = fail(kNow);
  foreign.organization_id = globex.user.row.organization_id;
  EXPECT_EQ(Do(foreign).count, 0);
  auto nobodys = fail(kNow);
  nobodys.user_id = std::nullopt;
  EXPECT_EQ(Do(nobodys).count, 0);
  EXPECT_EQ(guesses(), 2);
}

TEST_P(People, HaveTheirWrongPasswordsForgottenAtAnUnlockAndANewPassword) {
  const auto fail_twice = [&] {
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(Try(records::RecordFailedSignIn{.record_id = NewRecord(),
                                                .organization_id = acme.user.row.organization_id,
                                                .user_id = acme.user.row.id,
                                                .failed_at = kNow,
                                                .guess_window = minutes(15),
                                                .account_limit = 3,
                                                .guesses_since = kNow}),
                Code::kOk);
    }
  };
  const auto user = [&] {
    return *reader().FindUser(acme.user.row.organization_id, acme.user.row.id);
  };
  fail_twice();
  auto rename = Update(acme.user);
  rename.email = "alice@elsewhere.example";
  EXPECT_EQ(Try(rename), Code::kOk);
  EXPECT_EQ(user().guesses, 2) << "not by this";
  auto unlock = Update(acme.user);
  unlock.unlocked_at = kNow;
  EXPECT_EQ(Try(unlock), Code::kOk);
  EXPECT_EQ(user().guesses, 0);
  EXPECT_EQ(user().guesses_since, Time());
  fail_twice();
  auto later = Update(acme.user);
  later.unlocked_at = kNow + seconds(20);
  EXPECT_EQ(Try(later), Code::kOk);
  fail_twice();
  EXPECT_EQ(user().guesses, 2) << "of guesses that were in flight";
  EXPECT_EQ(user().guesses_since, kNow + seconds(20)) << "or the lock would not look at them";
  const auto link = s.PasswordLink(acme.user);
  EXPECT_EQ(Try(link), Code::kOk);
  EXPECT_EQ(Try(Redemption(link)), Code::kOk);
  EXPECT_EQ(user().guesses, 0);
}

TEST_P(People, SetAPasswordOnceThroughALink) {
  const auto grant = Grant();
  const auto session = s.SignIn(acme.user);
  const auto link = s.PasswordLink(acme.user);
  EXPECT_EQ(Try(session), Code::kOk);
  EXPECT_EQ(Try(link), Code::kOk);
  const auto row = reader().FindPasswordLink(link.password_link_id);
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->user_id, acme.user.row.id);
  EXPECT_EQ(row->organization_id, link.organization_id);
  EXPECT_EQ(row->secret_hash, link.secret_hash);
  EXPECT_EQ(row->expires_at, link.expires_at);
  EXPECT_EQ(row->user_email, acme.user.row.email);
  EXPECT_FALSE(row->used_by_record.has_value());

  const auto redemption = Redemption(link);
  EXPECT_EQ(Try(redemption), Code::kOk);
  EXPECT_EQ(Try(redemption), Code::kOk) << "the same record again";
  EXPECT_EQ(Try(Redemption(link)), Code::kConflict) << "another record";
  EXPECT_TRUE(reader().FindPasswordLink(link.password_link_id)->used_by_record.has_value());
  const auto user = reader().FindUser(acme.user.row.organization_id, acme.user.row.id);
  EXPECT_EQ(user->password_hash, redemption.password_hash);
  EXPECT_EQ(user->unlocked_at, redemption.redeemed_at);
  EXPECT_TRUE(reader().FindAccessToken(grant.access_token.id)->grant_revoked);
  EXPECT_FALSE(reader().FindSession(session.organization_id, session.session_id).ok());
}

TEST_P(People, ALinkEndsWithItsTimeWithTheNextAndWithItsOrganization) {
  const auto first = s.PasswordLink(acme.user);
  const auto second = s.PasswordLink(acme.user);
  EXPECT_EQ(Try(first), Code::kOk);
  EXPECT_EQ(Try(second), Code::kOk);
  EXPECT_EQ(Try(Redemption(first)), Code::kNotFound) << "the second ended it";
  EXPECT_FALSE(reader().FindPasswordLink(first.password_link_id).ok());
  EXPECT_EQ(Try(first), Code::kOk) << "sent again";
  EXPECT_FALSE(reader().FindPasswordLink(first.password_link_id).ok()) << "but not revived";
  auto late = Redemption(second);
  late.redeemed_at = second.expires_at;
  EXPECT_EQ(Try(late), Code::kExpired);
  auto foreign = Redemption(second);
  foreign.organization_id = globex.organization.row.id;
  EXPECT_EQ(Try(foreign), Code::kNotFound);
  EXPECT_EQ(Try(Redemption(second)), Code::kOk);
}

TEST_P(People, ALinkIsForAUserThatIsThere) {
  auto link = s.PasswordLink(acme.user);
  link.organization_id = globex.organization.row.id;
  EXPECT_EQ(Try(link), Code::kNotFound);
}

TEST_P(People, HaveOneSubscriptionEachToAService) {
  const auto premium = s.Plan(acme.service, "premium");
  EXPECT_EQ(Try(premium), Code::kOk);
  EXPECT_EQ(Try(acme.subscription), Code::kOk) << "the same record again";
  EXPECT_EQ(Try(s.Subscription(acme.user, premium)), Code::kExists);
  EXPECT_EQ(Try(s.Subscription(globex.user, acme.plan)), Code::kNotFound)
      << "a plan of another organization";
  auto of_no_plan = s.Subscription(acme.user, premium);
  of_no_plan.row.service_id = globex.service.row.id;
  EXPECT_EQ(Try(of_no_plan), Code::kNotFound);
}

TEST_P(People, ASubscriptionChangesAndGoes) {
  const auto premium = s.Plan(acme.service, "premium");
  EXPECT_EQ(Try(premium), Code::kOk);
  records::UpdateSubscription update{.record_id = NewRecord(),
                                     .organization_id = acme.user.row.organization_id,
                                     .user_id = acme.user.row.id,
                                     .service_id = acme.service.row.id,
                                     .plan_id = premium.row.id,
                                     .status = records::SubscriptionStatus::kPastDue,
                                     .current_period_end = std::nullopt};
  EXPECT_EQ(Try(update), Code::kOk);
  auto row = *reader().FindSubscription(update.organization_id, update.user_id, update.service_id);
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->plan_id, premium.row.id);
  EXPECT_EQ(row->status, records::SubscriptionStatus::kPastDue);
  EXPECT_EQ(row->current_period_end, acme.subscription.row.current_period_end);
  update.plan_id = globex.plan.row.id;
  EXPECT_EQ(Try(update), Code::kNotFound) << "not a plan of the service";

  records::DeleteSubscription deletion{.record_id = NewRecord(),
                                       .organization_id = globex.user.row.organization_id,
                                       .user_id = acme.user.row.id,
                                       .service_id = acme.service.row.id};
  EXPECT_EQ(Try(deletion), Code::kNotFound) << "from another organization";
  deletion.organization_id = acme.user.row.organization_id;
  EXPECT_EQ(Try(deletion), Code::kOk);
  EXPECT_EQ(Try(deletion), Code::kOk) << "the same record again";
  EXPECT_FALSE(
      reader()
          .FindSubscription(deletion.organization_id, deletion.user_id, deletion.service_id)
          ->has_value());
  EXPECT_EQ(Try(update), Code::kNotFound);
}

TEST_P(People, ComeFromElsewhereAsTheyWereThere) {
  records::ImportUser import{.record_id = NewRecord(),
                             .row = {.id = s.ids.Make<records::UserId>(),
                                     .organization_id = acme.user.row.organization_id,
                                     .email = "eve@example.com",
                                     .email_verified = false,
                                     .password_hash = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi",
                                     .status = UserStatus::kDisabled,
                                     .unlocked_at = {},
                                     .created_at = kNow - hours(1000),
                                     .updated_at = {}},
                             .imported_at = kNow};
  EXPECT_EQ(Try(import), Code::kOk);
  EXPECT_EQ(Try(import), Code::kOk) << "the same record again";
  const auto row = reader().FindUserByEmail(import.row.organization_id, import.row.email);
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->id, import.row.id);
  EXPECT_FALSE(row->email_verified);
  EXPECT_EQ(row->status, UserStatus::kDisabled);
  EXPECT_EQ(row->password_hash, import.row.password_hash);
  EXPECT_EQ(row->created_at, import.row.created_at);
  EXPECT_EQ(row->updated_at, import.imported_at);
  auto again = import;
  again.record_id = NewRecord();
  EXPECT_EQ(Try(again), Code::kExists) << "the address";
  again.row.email = "fay@example.com";
  again.row.organization_id = globex.user.row.organization_id;
  EXPECT_EQ(Try(again), Code::kExists) << "the id";
  again.row.id = s.ids.Make<records::UserId>();
  again.row.organization_id = s.ids.Make<records::OrganizationId>();
  EXPECT_EQ(Try(again), Code::kNotFound);
}

TEST_P(People, OneImportThatFailsLeavesTheOthersOfItsBatch) {
  const auto import = [this](records::UserId id, const std::string& email) {
    return records::ImportUser{.record_id = NewRecord(),
                               .row = {.id = id,
                                       .organization_id = acme.user.row.organization_id,
                                       .email = email,
                                       .password_hash = {},
                                       .unlocked_at = {},
                                       .created_at = kNow,
                                       .updated_at = {}},
                               .imported_at = kNow};
  };
  const auto results = Batch({import(s.ids.Make<records::UserId>(), "a@example.com"),
                              import(acme.user.row.id, "b@example.com"),
                              import(s.ids.Make<records::UserId>(), "c@example.com")});
  EXPECT_EQ(results[0].code, Code::kOk);
  EXPECT_EQ(results[1].code, Code::kExists);
  EXPECT_EQ(results[2].code, Code::kOk);
  EXPECT_TRUE(reader().FindUserByEmail(acme.user.row.organization_id, "c@example.com").ok());
}

class ForeignHash : public People {
 protected:
  static constexpr const char* kForeign =
      "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0j";
  static constexpr const char* kOwn = "$argon2id$v=19$m=19456,t=2,p=1$bmV3bmV3bmV3$bmV3bmV3bmV3";

  records::CreateUser Imported() {
    auto user = s.User(acme.user.row.organization_id, "eve@example.com");
    user.row.password_hash = kForeign;
    EXPECT_EQ(Try(user), Code::kOk);
    return user;
  }
  records::ReplacePasswordHash Replacement(const records::CreateUser& user) {
    return {.record_id = NewRecord(),
            .user_id = user.row.id,
            .organization_id = user.row.organization_id,
            .former_hash = user.row.password_hash,
            .password_hash = kOwn,
            .replaced_at = kNow + minutes(3)};
  }
  records::UserRow RowOf(const records::CreateUser& user) {
    return *reader().FindUser(user.row.organization_id, user.row.id);
  }
};
INSTANTIATE_FOR_EACH_STORE(ForeignHash);

TEST_P(ForeignHash, IsReplacedOnceAndEndsNothing) {
  const auto user = Imported();
  const auto session = s.SignIn(user);
  EXPECT_EQ(Try(session), Code::kOk);
  const auto replacement = Replacement(user);
  EXPECT_EQ(Try(replacement), Code::kOk);
  EXPECT_EQ(Try(replacement), Code::kOk) << "the same record again";
  EXPECT_EQ(RowOf(user).password_hash, kOwn);
  EXPECT_EQ(RowOf(user).updated_at, replacement.replaced_at);
  EXPECT_EQ(RowOf(user).session_epoch, 0);
  EXPECT_TRUE(reader().FindSession(user.row.organization_id, session.session_id).ok());
}

TEST_P(ForeignHash, GivesWayToNoOtherThanTheOneThatWasChecked) {
  const auto user = Imported();
  auto replacement = Replacement(user);
  replacement.former_hash = "$2b$12$another";
  EXPECT_EQ(Try(replacement), Code::kConflict);
  replacement.former_hash = kForeign;
  replacement.organization_id = globex.user.row.organization_id;
  EXPECT_EQ(Try(replacement), Code::kNotFound);
  EXPECT_EQ(RowOf(user).password_hash, kForeign);
}

TEST_P(ForeignHash, IsAllThatAPoolMayReplace) {
  auto replacement = Replacement(acme.user);
  ASSERT_TRUE(replacement.former_hash.starts_with("$argon2id$"));
  EXPECT_EQ(Try(replacement), Code::kDenied) << "it would set somebody's password";
  EXPECT_EQ(RowOf(acme.user).password_hash, acme.user.row.password_hash);
  replacement.former_hash.clear();
  EXPECT_EQ(Try(replacement), Code::kDenied) << "it would set the first password of who has none";
  auto weaker = Replacement(Imported());
  for (const char* hash : {"$1$weak$weak", "$argon2id$v=19$m=8,t=1,p=1$bmV3bmV3$bmV3bmV3",
                           "$argon2id$v=19$m=19456,t=1,p=1$bmV3bmV3$bmV3bmV3",
                           "argon2$argon2id$v=19$m=19456,t=2,p=1$bmV3bmV3$bmV3bmV3"}) {
    weaker.password_hash = hash;
    EXPECT_EQ(Try(weaker), Code::kDenied) << hash;
  }
  EXPECT_EQ(RowOf(acme.user).password_hash, acme.user.row.password_hash);
}

TEST_P(ForeignHash, GivesWayAlsoWhereItIsArgon2idOfLessThanTodaysCostOrMarked) {
  int number = 0;
  for (const char* hash : {"$argon2id$v=19$m=8,t=1,p=1$bmV3bmV3$bmV3bmV3",
                           "$argon2id$v=19$m=19455,t=2,p=1$bmV3bmV3$bmV3bmV3",
                           "$argon2id$v=19$m=262144,t=1,p=1$bmV3bmV3$bmV3bmV3",
                           "argon2$argon2id$v=19$m=262144,t=3,p=1$bmV3bmV3$bmV3bmV3"}) {
    auto user = s.User(acme.user.row.organization_id, std::to_string(++number) + "@example.com");
    user.row.password_hash = hash;
    ASSERT_EQ(Try(user), Code::kOk);
    EXPECT_EQ(Try(Replacement(user)), Code::kOk) << hash;
    EXPECT_EQ(RowOf(user).password_hash, kOwn);
  }
}

TEST_P(People, ServiceNamesAreThoseOfTheOrganizationAlone) {
  const auto names = reader().FindServiceNames(acme.user.row.organization_id);
  ASSERT_TRUE(names.ok());
  EXPECT_EQ(*names, (std::vector<std::string>{acme.service.row.slug, acme.service.row.name}));
  EXPECT_TRUE(reader().FindServiceNames(s.ids.Make<records::OrganizationId>())->empty());
}

}  // namespace
}  // namespace store_test
