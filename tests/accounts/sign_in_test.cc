#include "accounts/sign_in.h"

#include <gtest/gtest.h>

#include "accounts/fakes.h"
#include "accounts/organization.h"

namespace accounts {
namespace {

using domain::Answer;
using domain::ErrorCode;
using testing_accounts::Finish;
using testing_accounts::MakeId;
using testing_oauth::Awaited;

using Signing = domain::Step<Answer<SignedIn>>;

class SignInTest : public testing::Test {
 protected:
  SignInTest() {
    world.settings.password_attempts_per_account = 3;
    world.settings.password_attempts_per_address = 8;
    world.settings.guess_window_s = 900;
    world.settings.session_s = 3600;
    world.rows.organizations = {testing_accounts::Organization(1, "acme"),
                                testing_accounts::Organization(2, "globex")};
    world.rows.users = {
        testing_accounts::User(1, Acme(), "alice@example.com", "the password at acme"),
        testing_accounts::User(2, Globex(), "alice@example.com", "the password at globex"),
        testing_accounts::User(3, Acme(), "bob@example.com", "bob's password"),
    };
  }

  static records::OrganizationId Acme() { return MakeId<records::OrganizationId>(1); }
  static records::OrganizationId Globex() { return MakeId<records::OrganizationId>(2); }

  PasswordSignIn Attempt(std::string email, std::string password) const {
    return {.request_id = MakeId<records::RecordId>(77),
            .organization_id = Acme(),
            .email = std::move(email),
            .password = std::move(password),
            .address = "192.0.2.1",
            .user_agent = "Browser/1.0",
            .former_cookie = former_cookie};
  }

  Signing Try(std::string email, std::string password) {
    return SignInWithPassword(Attempt(std::move(email), std::move(password)), world.hasher,
                              world.ports);
  }

  // As the writer counts.
  std::int64_t Count(const records::RecordFailedSignIn& record) {
    for (records::UserRow& user : world.rows.users) {
      if (user.id != record.user_id) continue;
      const bool is_same_window = user.guesses_since > record.guesses_since - record.kWindowSlack;
      const bool is_older_window =
          user.guesses_since > record.failed_at - record.guess_window + record.kWindowSlack;
      if (!is_same_window && !is_older_window) {
        user.guesses = 0;
        user.guesses_since = record.guesses_since;
      }
      return ++user.guesses;
    }
    return 0;
  }

  // The error of an attempt that must be refused: at once, or after its row of the audit log.
  domain::Error Refusal(std::string email, std::string password) {
    Signing step = Try(std::move(email), std::move(password));
    if (const auto* record = Awaited<records::RecordFailedSignIn>(step)) {
      failures.push_back(*record);
      step = testing_oauth::Answered(step, {.code = base::Code::kOk, .count = Count(*record)});
    }
    const auto* answer = std::get_if<Answer<SignedIn>>(&step);
    if (answer == nullptr || answer->ok()) {
      ADD_FAILURE() << "was not refused";
      return {};
    }
    return answer->error();
  }

  bool IsTaken(std::string email, std::string password) {
    return Awaited<records::CreateSession>(Try(std::move(email), std::move(password))) != nullptr;
  }

  // Signs in and stores the row, as the writer would.
  std::string SignIn() {
    const Signing step = Try("alice@example.com", "the password at acme");
    const auto* record = Awaited<records::CreateSession>(step);
    if (record == nullptr) return {};
    records::SessionRow row;
    row.id = record->session_id;
    row.organization_id = record->organization_id;
    row.user_id = record->user_id;
    row.secret_hash = record->secret_hash;
    row.amr = record->amr;
    row.auth_time = record->auth_time;
    row.expires_at = record->expires_at;
    row.user_email = "alice@example.com";
    world.rows.sessions.push_back(row);
    return Finish(step)->cookie;
  }

  bool IsSignedIn(std::string_view cookie, records::OrganizationId org) {
    const auto found = FindSession(org, cookie, world.ports);
    return found.ok() && found->has_value();
  }

  testing_accounts::World world;
  std::string former_cookie;
  std::vector<records::RecordFailedSignIn> failures;
};

TEST_F(SignInTest, RightPasswordBeginsASessionOfTheUser) {
  const Signing step = Try("alice@example.com", "the password at acme");
  const auto* record = Awaited<records::CreateSession>(step);
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->record_id, MakeId<records::RecordId>(77));
  EXPECT_EQ(record->organization_id, Acme());
  EXPECT_EQ(record->user_id, MakeId<records::UserId>(1));
  EXPECT_EQ(record->amr, "pwd");
  EXPECT_EQ(record->auth_time, world.clock.Now());
  EXPECT_EQ(record->expires_at, world.clock.Now() + base::seconds(3600));
  EXPECT_EQ(record->address, "192.0.2.1");
  EXPECT_EQ(record->user_agent, "Browser/1.0");
  EXPECT_FALSE(record->former_id);
}

TEST_F(SignInTest, CookieIsTheHandleWhoseHashIsStored) {
  const Signing step = Try("alice@example.com", "the password at acme");
  const auto record = *Awaited<records::CreateSession>(step);
  const Answer<SignedIn> answer = Finish(step);
  ASSERT_TRUE(answer.ok());
  const auto handle = domain::DecodeSplitToken<records::SessionTag>(answer->cookie);
  ASSERT_TRUE(handle);
  EXPECT_EQ(handle->id, record.session_id);
  EXPECT_EQ(world.hashes.Sha256(handle->secret), record.secret_hash);
  EXPECT_EQ(answer->lifetime, base::seconds(3600));
}

TEST_F(SignInTest, EmailIsComparedInLowerCase) {
  EXPECT_TRUE(IsTaken("Alice@Example.COM", "the password at acme"));
}

TEST_F(SignInTest, AnyFormOfAnAddressFindsItsUser) {
  world.rows.users.push_back(
      testing_accounts::User(4, Acme(), "j\u00fcrgen@xn--bcher-kva.example", "the password of J"));
  for (const char* typed :
       {"j\u00fcrgen@xn--bcher-kva.example", "J\u00dcRGEN@B\u00dcCHER.example",
        "ju\u0308rgen@bu\u0308cher.example", " j\u00fcrgen@b\u00fccher.example "}) {
    EXPECT_TRUE(IsTaken(typed, "the password of J")) << typed;
  }
}

TEST_F(SignInTest, FormsOfAnAddressThatNobodyHasShareOneBudget) {
  const std::string before = Refusal("n\u00f6body@example.com", "not it").description;
  Refusal("N\u00d6BODY@example.com", "not it");
  Refusal("no\u0308body@Example.com", "not it");
  EXPECT_NE(Refusal("n\u00f6body@example.com", "not it").description, before) << "locked by now";
}

TEST_F(SignInTest, WhatIsNoAddressIsAnsweredAsAnUnknownOne) {
  const auto unknown = Refusal("nobody@example.com", "not it");
  for (const char* typed : {"", "alice", "<alice@example.com>", "alice\xff@example.com"}) {
    const auto refused = Refusal(typed, "the password at acme");
    EXPECT_EQ(refused.code, unknown.code) << typed;
    EXPECT_EQ(refused.description, unknown.description) << typed;
  }
}

TEST_F(SignInTest, SameEmailElsewhereHasAnotherPassword) {
  EXPECT_EQ(Refusal("alice@example.com", "the password at globex").code, ErrorCode::kAccessDenied);
}

TEST_F(SignInTest, UnknownDisabledAndWrongAreAnsweredAlikeAndCostOneVerificationEach) {
  world.rows.users[2].status = records::UserStatus::kDisabled;
  const auto wrong = Refusal("alice@example.com", "not it");
  const auto unknown = Refusal("nobody@example.com", "not it");
  const auto disabled = Refusal("bob@example.com", "bob's password");
  EXPECT_EQ(wrong.code, unknown.code);
  EXPECT_EQ(wrong.description, unknown.description);
  EXPECT_EQ(wrong.code, disabled.code);
  EXPECT_EQ(wrong.description, disabled.description);
  EXPECT_EQ(world.hasher.verifications, 3);
}

TEST_F(SignInTest, AFailedAttemptIsRecordedBeforeItIsAnswered) {
  world.rows.users[2].status = records::UserStatus::kDisabled;
  Refusal("alice@example.com", "not it");
  Refusal("nobody@example.com", "not it");
  Refusal("bob@example.com", "bob's password");
  ASSERT_EQ(failures.size(), 3U);
  for (const auto& failure : failures) {
    EXPECT_EQ(failure.record_id, MakeId<records::RecordId>(77));
    EXPECT_EQ(failure.organization_id, Acme());
    EXPECT_FALSE(failure.locks_account);
  }
  EXPECT_EQ(failures[0].reason, records::FailedSignIn::kWrongPassword);
  EXPECT_EQ(failures[0].user_id, MakeId<records::UserId>(1));
  EXPECT_EQ(failures[1].reason, records::FailedSignIn::kNoSuchUser);
  EXPECT_EQ(failures[1].user_id, std::nullopt);
  EXPECT_EQ(failures[2].reason, records::FailedSignIn::kUserDisabled);
}

TEST_F(SignInTest, TheAttemptThatLocksTheAccountSaysSoAndThoseAfterItAreNotRecorded) {
  for (int i = 0; i < 6; ++i) Refusal("nobody@example.com", "not it");
  ASSERT_EQ(failures.size(), 3U) << "a flood writes no more than the budget allows";
  EXPECT_FALSE(failures[1].locks_account);
  EXPECT_TRUE(failures[2].locks_account);
}

TEST_F(SignInTest, AnAccountsWrongPasswordsAreCountedByTheWriterWhichKnowsTheLastOne) {
  for (int i = 0; i < 6; ++i) Refusal("alice@example.com", "not it");
  ASSERT_EQ(failures.size(), 3U) << "a flood writes no more than the budget allows";
  for (const auto& failure : failures) {
    EXPECT_FALSE(failure.locks_account);
    EXPECT_EQ(failure.account_limit, 3);
    EXPECT_EQ(failure.guess_window, base::seconds(900));
    EXPECT_EQ(failure.failed_at, world.clock.Now());
  }
}

TEST_F(SignInTest, ARebootForgetsNoWrongPasswordOfAnAccount) {
  for (int i = 0; i < 3; ++i) Refusal("alice@example.com", "not it");
  world.limits = {};
  EXPECT_EQ(Refusal("alice@example.com", "the password at acme").code, ErrorCode::kAccessDenied);
}

TEST_F(SignInTest, ARebootHalfWayForgetsNeitherAndEndsNoWindow) {
  for (int i = 0; i < 2; ++i) Refusal("alice@example.com", "not it");
  world.limits = {};
  world.clock.Advance(base::seconds(600));
  Refusal("alice@example.com", "not it");
  const int verifications = world.hasher.verifications;
  Refusal("alice@example.com", "not it");
  EXPECT_EQ(world.hasher.verifications, verifications) << "the third locked it";
}

// Memory keeps whole seconds, the row milliseconds: whoever guesses between the ends of two windows must not find one of them
// a count ahead.
TEST_F(SignInTest, NoMomentOfAGuessTellsWhoHasAnAccount) {
  world.settings.password_attempts_per_address = 1'000'000;
  world.settings.guess_window_s = 10;
  world.clock.now += base::milliseconds(370);  // seconds of the two clocks begin at different times
  const auto is_tried = [&](const char* email) {
    const int before = world.hasher.verifications;
    Refusal(email, "not it");
    return world.hasher.verifications > before;
  };
  std::uint64_t state = 20261201;
  const auto below = [&](std::uint64_t limit) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::int64_t>((state >> 33U) % limit);
  };
  int locked = 0;
  for (int i = 0; i < 20'000; ++i) {
    const bool is_tried_somebodys = is_tried("alice@example.com");
    ASSERT_EQ(is_tried("nobody@example.com"), is_tried_somebodys) << "guess " << i;
    locked += is_tried_somebodys ? 0 : 1;
    const bool is_long = below(4) == 0;  // to the end of a window, or some of the next second
    world.clock.Advance(base::milliseconds(is_long ? 9'000 + below(2'500) : below(1'200)));
  }
  EXPECT_GT(locked, 1000);
}

TEST_F(SignInTest, AWindowOfAClockThatWasSetBackLocksNobodyForLong) {
  for (int i = 0; i < 3; ++i) Refusal("alice@example.com", "not it");
  world.clock.now -= base::seconds(2 * 901);
  world.clock.Advance(base::seconds(901));
  EXPECT_TRUE(IsTaken("alice@example.com", "the password at acme"));
}

TEST_F(SignInTest, WithoutAWriterAWrongPasswordIsAnsweredAsARightOne) {
  const auto right = Finish(Try("alice@example.com", "the password at acme"), base::Code::kFull);
  const auto wrong = Finish(Try("alice@example.com", "not it"), base::Code::kFull);
  ASSERT_FALSE(right.ok());
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().code, right.error().code);
  EXPECT_EQ(wrong.error().description, right.error().description);
}

// Else an outage tells who guesses which password is right, and lets them guess without end.
TEST_F(SignInTest, WithoutAWriterWrongPasswordsLockAnAccountAndRightOnesLeaveNoTrace) {
  world.settings.sign_ins_per_account = 2;
  world.settings.password_attempts_per_address = 100;
  for (int i = 0; i < 5; ++i) {
    const auto right =
        Finish(Try("alice@example.com", "the password at acme"), base::Code::kUnavailable);
    EXPECT_EQ(right.error().code, ErrorCode::kTemporarilyUnavailable) << i;
  }
  for (const char* email : {"alice@example.com", "nobody@example.com"}) {
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(Finish(Try(email, "not it"), base::Code::kUnavailable).error().code,
                ErrorCode::kTemporarilyUnavailable);
    }
    for (const char* password : {"not it", "the password at acme"}) {
      EXPECT_EQ(Refusal(email, password).code, ErrorCode::kAccessDenied) << email << password;
    }
  }
  world.rows.users[0].unlocked_at = world.clock.Now();
  EXPECT_TRUE(IsTaken("alice@example.com", "the password at acme"))
      << "an operator's unlock ends it";
}

TEST_F(SignInTest, UserWithoutPasswordIsRefused) {
  world.rows.users[0].password_hash.clear();
  EXPECT_EQ(Refusal("alice@example.com", "").code, ErrorCode::kAccessDenied);
}

TEST_F(SignInTest, HashOfAnotherProgramGivesWayToOursOnceItsPasswordWasRight) {
  world.rows.users[2].password_hash = testing_accounts::FakeHasher::ForeignHashOf("bob's password");
  const Signing step = Try("bob@example.com", "bob's password");
  ASSERT_NE(Awaited<records::CreateSession>(step), nullptr) << "signed in first";
  const Signing second = testing_oauth::Answered(step, {.code = base::Code::kOk});
  const auto* record = Awaited<records::ReplacePasswordHash>(second);
  ASSERT_NE(record, nullptr);
  EXPECT_NE(record->record_id, MakeId<records::RecordId>(77)) << "a record of its own";
  EXPECT_EQ(record->user_id, MakeId<records::UserId>(3));
  EXPECT_EQ(record->organization_id, Acme());
  EXPECT_EQ(record->former_hash, world.rows.users[2].password_hash);
  EXPECT_EQ(record->password_hash, testing_accounts::FakeHasher::HashOf("bob's password"));
  EXPECT_EQ(record->replaced_at, world.clock.Now());
  EXPECT_TRUE(Finish(second).ok());
}

constexpr const char* kComposed = "caf\u00e9 au lait";
constexpr const char* kDecomposed = "cafe\u0301 au lait";

TEST_F(SignInTest, PasswordIsTheSameHoweverItsCharactersAreComposed) {
  world.rows.users[2].password_hash = testing_accounts::FakeHasher::HashOf(kComposed);
  EXPECT_TRUE(IsTaken("bob@example.com", kComposed));
  EXPECT_TRUE(IsTaken("bob@example.com", kDecomposed));
  EXPECT_EQ(world.hasher.verifications, 2) << "one for each";
  world.rows.users[2].password_hash = testing_accounts::FakeHasher::HashOf(kDecomposed);
  Refusal("bob@example.com", kDecomposed);
  EXPECT_EQ(world.hasher.verifications, 3) << "a hash of ours is tried normalized alone";
}

TEST_F(SignInTest, ImportedHashIsTriedNormalizedAndAsTypedAndThenIsOursOfTheNormalized) {
  for (const char* hashed : {kComposed, kDecomposed}) {
    world.rows.users[2].password_hash = testing_accounts::FakeHasher::ForeignHashOf(hashed);
    world.hasher.verifications = 0;
    const Signing step = Try("bob@example.com", kDecomposed);
    ASSERT_NE(Awaited<records::CreateSession>(step), nullptr) << hashed;
    EXPECT_LE(world.hasher.verifications, 2);
    const Signing second = testing_oauth::Answered(step, {.code = base::Code::kOk});
    const auto* record = Awaited<records::ReplacePasswordHash>(second);
    ASSERT_NE(record, nullptr);
    EXPECT_EQ(record->password_hash, testing_accounts::FakeHasher::HashOf(kComposed));
  }
  world.hasher.verifications = 0;
  Refusal("bob@example.com", "na\u00efve");
  EXPECT_EQ(world.hasher.verifications, 1) << "typed as it is normalized";
  Refusal("bob@example.com", "nai\u0308ve");
  EXPECT_EQ(world.hasher.verifications, 3) << "never more than two for one attempt";
}

TEST_F(SignInTest, HashThatCouldNotBeReplacedKeepsNobodyOut) {
  world.rows.users[2].password_hash = testing_accounts::FakeHasher::ForeignHashOf("bob's password");
  const Signing step = Try("bob@example.com", "bob's password");
  const Signing second = testing_oauth::Answered(step, {.code = base::Code::kOk});
  for (const auto code : {base::Code::kConflict, base::Code::kUnavailable, base::Code::kFull}) {
    EXPECT_TRUE(Finish(second, code).ok());
  }
}

TEST_F(SignInTest, HashOfAnotherProgramStaysWhereThePasswordIsWrongOrTheSignInRefused) {
  world.rows.users[2].password_hash = testing_accounts::FakeHasher::ForeignHashOf("bob's password");
  Refusal("bob@example.com", "not it");
  const Signing step = Try("bob@example.com", "bob's password");
  EXPECT_FALSE(Finish(step, base::Code::kDenied).ok());
}

TEST_F(SignInTest, AccountIsLockedAfterItsBudgetEvenForTheRightPassword) {
  for (int i = 0; i < 3; ++i) Refusal("alice@example.com", "not it");
  EXPECT_EQ(Refusal("alice@example.com", "the password at acme").code, ErrorCode::kAccessDenied);
  EXPECT_EQ(world.hasher.verifications, 3) << "a locked account is not compared";
}

TEST_F(SignInTest, LockOfOneAccountLeavesOthersAlone) {
  for (int i = 0; i < 3; ++i) Refusal("alice@example.com", "not it");
  EXPECT_TRUE(IsTaken("bob@example.com", "bob's password"));
  const auto elsewhere = SignInWithPassword({.request_id = {},
                                             .organization_id = Globex(),
                                             .email = "alice@example.com",
                                             .password = "the password at globex",
                                             .address = "192.0.2.9",
                                             .user_agent = {},
                                             .former_cookie = {}},
                                            world.hasher, world.ports);
  EXPECT_NE(Awaited<records::CreateSession>(elsewhere), nullptr);
}

TEST_F(SignInTest, NobodysAccountIsLockedInTheSameWords) {
  for (int i = 0; i < 3; ++i) Refusal("alice@example.com", "not it");
  for (int i = 0; i < 3; ++i) Refusal("nobody@example.com", "not it");
  EXPECT_EQ(Refusal("alice@example.com", "not it").description,
            Refusal("nobody@example.com", "not it").description);
}

// A right password costs a hash, a grant and a row of the audit log: it is not for nothing.
TEST_F(SignInTest, AnAccountSignsInSoOftenAMinute) {
  world.settings.sign_ins_per_account = 2;
  SignIn();
  SignIn();
  const int verifications = world.hasher.verifications;
  world.clock.Advance(base::seconds(15));
  const auto refused = Refusal("alice@example.com", "the password at acme");
  EXPECT_EQ(refused.code, ErrorCode::kTooManyRequests);
  EXPECT_EQ(refused.retry_after, base::seconds(45));
  EXPECT_EQ(world.hasher.verifications, verifications) << "no hash is spent on it";
  world.clock.Advance(base::seconds(45));
  EXPECT_TRUE(IsTaken("alice@example.com", "the password at acme"));
}

TEST_F(SignInTest, WrongPasswordsAreNoSignIns) {
  world.settings.sign_ins_per_account = 2;
  world.settings.password_attempts_per_account = 10;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Refusal("alice@example.com", "not it").code, ErrorCode::kAccessDenied);
  }
  EXPECT_TRUE(IsTaken("alice@example.com", "the password at acme"));
}

TEST_F(SignInTest, LockEndsWithTheWindow) {
  for (int i = 0; i < 3; ++i) Refusal("alice@example.com", "not it");
  world.clock.Advance(base::seconds(899));
  EXPECT_FALSE(IsTaken("alice@example.com", "the password at acme"));
  world.clock.Advance(base::seconds(1));
  EXPECT_TRUE(IsTaken("alice@example.com", "the password at acme"));
}

TEST_F(SignInTest, OperatorsUnlockEndsTheLock) {
  for (int i = 0; i < 3; ++i) Refusal("alice@example.com", "not it");
  world.clock.Advance(base::seconds(1));
  world.rows.users[0].unlocked_at = world.clock.Now();
  EXPECT_TRUE(IsTaken("alice@example.com", "the password at acme"));
}

TEST_F(SignInTest, AddressIsRefusedAfterItsBudgetWhateverTheAccount) {
  for (int i = 0; i < 8; ++i) Refusal("nobody" + std::to_string(i) + "@example.com", "not it");
  const auto refused = Refusal("alice@example.com", "the password at acme");
  EXPECT_EQ(refused.code, ErrorCode::kTooManyRequests);
  EXPECT_EQ(world.hasher.verifications, 8);
}

// A tenant's hashes of 256 MiB and a few addresses were all the time that the login pool has.
TEST_F(SignInTest, AWrongPasswordCountsForTheAddressAsWhatItCosts) {
  world.hasher.price = 4;
  Refusal("alice@example.com", "not it");
  EXPECT_TRUE(IsTaken("bob@example.com", "bob's password"));
  Refusal("alice@example.com", "not it");
  EXPECT_EQ(Refusal("bob@example.com", "bob's password").code, ErrorCode::kTooManyRequests);
}

TEST_F(SignInTest, RightPasswordDoesNotResetTheAddress) {
  for (int i = 0; i < 7; ++i) Refusal("nobody" + std::to_string(i) + "@example.com", "not it");
  EXPECT_TRUE(IsTaken("alice@example.com", "the password at acme"));
  Refusal("nobody@example.com", "not it");
  EXPECT_EQ(Refusal("alice@example.com", "the password at acme").code, ErrorCode::kTooManyRequests);
}

TEST_F(SignInTest, DatabaseThatIsAwayIsNoWrongPassword) {
  world.rows.down = true;
  EXPECT_EQ(Refusal("alice@example.com", "the password at acme").code,
            ErrorCode::kTemporarilyUnavailable);
  world.rows.down = false;
  EXPECT_TRUE(IsTaken("alice@example.com", "the password at acme"));
}

TEST_F(SignInTest, WriterThatIsAwayGivesNoCookie) {
  const auto answer =
      Finish(Try("alice@example.com", "the password at acme"), base::Code::kUnavailable);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::kTemporarilyUnavailable);
}

TEST_F(SignInTest, SecondSignInOfABrowserEndsTheFirst) {
  former_cookie = SignIn();
  const auto first_id = world.rows.sessions.back().id;
  const Signing second = Try("alice@example.com", "the password at acme");
  const auto* record = Awaited<records::CreateSession>(second);
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->former_id, first_id);
  EXPECT_NE(record->session_id, first_id);
}

TEST_F(SignInTest, ForgedFormerCookieEndsNobodysSession) {
  SignIn();
  former_cookie = domain::EncodeSplitToken(world.rows.sessions.back().id, domain::Secret{});
  const Signing second = Try("alice@example.com", "the password at acme");
  EXPECT_FALSE(Awaited<records::CreateSession>(second)->former_id);
}

TEST_F(SignInTest, UserAgentIsCutAndStripped) {
  PasswordSignIn attempt = Attempt("alice@example.com", "the password at acme");
  attempt.user_agent = "a\x01" + std::string(500, 'b');
  const Signing step = SignInWithPassword(attempt, world.hasher, world.ports);
  EXPECT_EQ(Awaited<records::CreateSession>(step)->user_agent, "a" + std::string(198, 'b'));
}

TEST_F(SignInTest, CookieFindsItsSession) {
  const std::string cookie = SignIn();
  const auto found = FindSession(Acme(), cookie, world.ports);
  ASSERT_TRUE(found.ok() && *found);
  EXPECT_EQ((*found)->user_email, "alice@example.com");
}

TEST_F(SignInTest, CookieIsGoodInItsOrganizationOnly) {
  const std::string cookie = SignIn();
  EXPECT_TRUE(IsSignedIn(cookie, Acme()));
  EXPECT_FALSE(IsSignedIn(cookie, Globex()));
}

TEST_F(SignInTest, CookieWithAnotherSecretIsNobodys) {
  SignIn();
  EXPECT_FALSE(IsSignedIn(domain::EncodeSplitToken(world.rows.sessions.back().id, domain::Secret{}),
                          Acme()));
}

TEST_F(SignInTest, TextThatIsNoHandleIsNobodys) {
  EXPECT_FALSE(IsSignedIn("", Acme()));
  EXPECT_FALSE(IsSignedIn("' OR 1=1 --", Acme()));
  EXPECT_FALSE(IsSignedIn(std::string(64, 'A'), Acme()));
}

TEST_F(SignInTest, SessionEndsAtItsTime) {
  const std::string cookie = SignIn();
  world.clock.Advance(base::seconds(3599));
  EXPECT_TRUE(IsSignedIn(cookie, Acme()));
  world.clock.Advance(base::seconds(1));
  EXPECT_FALSE(IsSignedIn(cookie, Acme()));
}

TEST_F(SignInTest, DisabledUserIsSignedInNoMore) {
  const std::string cookie = SignIn();
  world.rows.sessions.back().user_status = records::UserStatus::kDisabled;
  EXPECT_FALSE(IsSignedIn(cookie, Acme()));
}

TEST_F(SignInTest, SuspendedOrganizationHasNobodySignedIn) {
  const std::string cookie = SignIn();
  world.rows.organizations[0].status = records::OrganizationStatus::kSuspended;
  EXPECT_FALSE(IsSignedIn(cookie, Acme()));
}

TEST_F(SignInTest, DatabaseThatIsAwayIsNotSignedOut) {
  const std::string cookie = SignIn();
  world.rows.down = true;
  const auto found = FindSession(Acme(), cookie, world.ports);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, ErrorCode::kTemporarilyUnavailable);
}

TEST_F(SignInTest, SignOutEndsTheSessionOfTheCookie) {
  const std::string cookie = SignIn();
  const auto step = SignOut(Acme(), cookie, MakeId<records::RecordId>(5), world.ports);
  const auto* record = Awaited<records::EndSession>(step);
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->session_id, world.rows.sessions.back().id);
  EXPECT_EQ(record->organization_id, Acme());
  EXPECT_EQ(record->record_id, MakeId<records::RecordId>(5));
  EXPECT_TRUE(Finish(step).ok());
}

TEST_F(SignInTest, SignOutWithoutASessionIsDoneAtOnce) {
  const auto step = SignOut(Acme(), "no cookie of ours", {}, world.ports);
  const auto* answer = std::get_if<Answer<SignedOut>>(&step);
  ASSERT_NE(answer, nullptr);
  EXPECT_TRUE(answer->ok());
}

TEST_F(SignInTest, UnknownAndSuspendedOrganizationsAreAnsweredAlike) {
  world.rows.organizations[1].status = records::OrganizationStatus::kSuspended;
  const auto unknown = FindActiveOrganization("initech", world.ports);
  const auto suspended = FindActiveOrganization("globex", world.ports);
  ASSERT_FALSE(unknown.ok());
  ASSERT_FALSE(suspended.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(unknown.error().description, suspended.error().description);
  EXPECT_TRUE(FindActiveOrganization("acme", world.ports).ok());
}

}  // namespace
}  // namespace accounts
