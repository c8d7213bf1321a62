#include "oauth/device/activation.h"

#include <gtest/gtest.h>

#include <string>

#include "domain/guess_budget.h"
#include "oauth/world.h"

namespace {

using namespace testing_oauth;
using domain::ErrorCode;
using records::DeviceCodeState;
using std::chrono::seconds;

constexpr const char* kRight = "BCDF-2345";
constexpr const char* kWrong = "ZZZZ-9999";

class Activation : public testing::Test {
 protected:
  Activation() {
    world_.settings.user_code_attempts_per_session = 3;
    world_.settings.user_code_attempts_per_address = 6;
    world_.settings.user_code_attempts_global = 12;
    world_.settings.guess_window_s = 900;
    records::DeviceCodeRow row;
    row.id = MakeId<records::DeviceCodeId>(20);
    row.organization_id = world_.org;
    row.client_row_id = world_.client;
    row.service_id = world_.service;
    row.user_code = kRight;
    row.expires_at = world_.clock.Now() + seconds(900);
    world_.rows.device_codes.push_back(row);
  }

  records::DeviceCodeRow& code() { return world_.rows.device_codes.front(); }

  // A person's browser: each guess is of the same session and address until the test changes them.
  domain::Answer<oauth::LiveUserCode> Type(const std::string& user_code) {
    request_.user_code = user_code;
    return oauth::VerifyUserCode(request_, world_.ports);
  }
  // kCount: it was found.
  ErrorCode Result(const std::string& user_code) {
    const auto found = Type(user_code);
    return found.ok() ? ErrorCode::kCount : found.error().code;
  }
  // What a wrong code is answered with, all of it.
  std::string Refusal(const std::string& user_code) {
    const auto found = Type(user_code);
    if (found.ok()) return "found";
    EXPECT_EQ(found.error().code, ErrorCode::kBadRequest);
    return found.error().description;
  }

  void Guess(int times) {
    for (int i = 0; i < times; ++i) EXPECT_EQ(Result(kWrong), ErrorCode::kBadRequest) << i;
  }
  // Wrong codes from everywhere, a browser and an address each.
  void GuessFromEverywhere(int times) {
    const oauth::UserCodeRequest own = request_;
    for (int i = 0; i < times; ++i) {
      request_.guess_session = "session " + std::to_string(i);
      request_.address = "198.51.100." + std::to_string(i);
      Guess(1);
    }
    request_ = own;
  }

  // The answer of a decision to which the writer said `code`.
  ErrorCode Decide(base::Code writer_says) {
    const auto found = Type(kRight);
    const oauth::Decision decision{.request_id = MakeId<records::RecordId>(1),
                                   .approve = true,
                                   .user_id = world_.user,
                                   .amr = "pwd",
                                   .auth_time = world_.clock.Now(),
                                   .session_epoch = 4};
    const auto step = oauth::DecideUserCode(*found, decision, world_.ports);
    if (ErrorOfStep(step) != ErrorCode::kCount) return ErrorOfStep(step);
    return ErrorOfStep(Answered(step, {.code = writer_says}));
  }

  World world_;
  oauth::UserCodeRequest request_{.user_code = {},
                                  .address = "192.0.2.1",
                                  .guess_session = "a browser",
                                  .organization = {},
                                  .organization_slug = {},
                                  .is_signed_in = {}};
};

TEST_F(Activation, ALiveCodeSaysWhoseItIs) {
  const auto found = Type("bcdf 2345");
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->row.id, code().id);
  EXPECT_EQ(found->organization_slug, "acme");
  EXPECT_EQ(found->organization_name, "Acme");
  EXPECT_EQ(found->service_slug, "cli");
  EXPECT_EQ(found->service_name, "CLI");
}

TEST_F(Activation, EveryCodeThatIsNoneGetsTheSameAnswer) {
  world_.settings.user_code_attempts_per_session = 100;
  world_.settings.user_code_attempts_per_address = 100;
  world_.settings.user_code_attempts_global = 100;
  const std::string wrong = Refusal(kWrong);
  EXPECT_NE(wrong, "found");
  EXPECT_EQ(Refusal("not a code"), wrong);
  EXPECT_EQ(Refusal(""), wrong);
  for (const auto used :
       {DeviceCodeState::kApproved, DeviceCodeState::kDenied, DeviceCodeState::kRedeemed}) {
    code().state = used;
    EXPECT_EQ(Refusal(kRight), wrong) << "decided: " << static_cast<int>(used);
  }
  code().state = DeviceCodeState::kPending;
  world_.rows.organizations[0].status = records::OrganizationStatus::kSuspended;
  EXPECT_EQ(Refusal(kRight), wrong) << "of a suspended organization";
  world_.rows.organizations[0].status = records::OrganizationStatus::kActive;
  code().organization_id = world_.other_org;
  EXPECT_EQ(Refusal(kRight), wrong) << "of a service that is another tenant's";
  code().organization_id = world_.org;
  EXPECT_EQ(Refusal(kRight), "found");
  world_.clock.Advance(seconds(900));
  EXPECT_EQ(Refusal(kRight), wrong) << "expired";
}

// What a person approves must be something that the device can still get.
TEST_F(Activation, ACodeIsNoneOnceTheOperatorTookAwayWhatItAsksFor) {
  code().scope = "openid";
  code().resource = "https://api.acme.example";
  EXPECT_EQ(Result(kRight), ErrorCode::kCount);
  world_.rows.services[0].resources = "https://files.acme.example";
  EXPECT_EQ(Result(kRight), ErrorCode::kBadRequest);
  world_.rows.services[0].resources = "https://api.acme.example";
  world_.rows.clients[0].disabled = true;
  EXPECT_EQ(Result(kRight), ErrorCode::kBadRequest);
  world_.rows.clients[0].disabled = false;
  world_.rows.clients[0].refresh_token_allowed = false;
  EXPECT_EQ(Result(kRight), ErrorCode::kCount) << "the device gets no refresh token, and all else";
}

TEST_F(Activation, ACodeIsGoodUntilTheInstantItExpires) {
  world_.clock.Advance(seconds(900) - std::chrono::milliseconds(1));
  EXPECT_EQ(Result(kRight), ErrorCode::kCount);
  world_.clock.Advance(std::chrono::milliseconds(1));
  EXPECT_EQ(Result(kRight), ErrorCode::kBadRequest);
}

TEST_F(Activation, ADatabaseThatIsAwayIsNoWrongGuess) {
  world_.rows.down = true;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Result(kRight), ErrorCode::kTemporarilyUnavailable);
  world_.rows.down = false;
  EXPECT_EQ(Result(kRight), ErrorCode::kCount);
}

TEST_F(Activation, ABrowserHasSoManyGuessesAndThenNotEvenARightOneHelps) {
  Guess(3);
  EXPECT_EQ(Result(kRight), ErrorCode::kTooManyRequests);
  request_.guess_session = "another browser at the same address";
  EXPECT_EQ(Result(kRight), ErrorCode::kCount);
}

TEST_F(Activation, ARightCodeGivesNoGuessBack) {
  Guess(2);
  EXPECT_EQ(Result(kRight), ErrorCode::kCount);
  Guess(1);
  EXPECT_EQ(Result(kRight), ErrorCode::kTooManyRequests);
}

TEST_F(Activation, FreshBrowsersDoNotHelpAnAddressOutOfItsBudget) {
  Guess(3);
  request_.guess_session = "a second browser";
  Guess(3);
  request_.guess_session = "a third browser";
  EXPECT_EQ(Result(kRight), ErrorCode::kTooManyRequests);
  request_.guess_session.clear();  // no browser at all: the JSON API
  EXPECT_EQ(Result(kRight), ErrorCode::kTooManyRequests);
  request_.address = "192.0.2.2";
  EXPECT_EQ(Result(kRight), ErrorCode::kCount);
}

TEST_F(Activation, ARefusedGuessCostsNobodyAnything) {
  Guess(3);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Result(kWrong), ErrorCode::kTooManyRequests);
  request_.guess_session = "another browser at the same address";
  Guess(3);
  EXPECT_FALSE(oauth::GuessesAreMany(world_.ports)) << "six of twelve";
}

TEST_F(Activation, AnIpv6NetworkIsOneAddressAndItsSiteHasABudgetToo) {
  world_.settings.user_code_attempts_global = 1000;
  request_.guess_session.clear();
  request_.address = "2001:db8:1:1::1";
  Guess(3);
  request_.address = "2001:db8:1:1:ffff::2";
  Guess(3);
  EXPECT_EQ(Result(kRight), ErrorCode::kTooManyRequests) << "the /64 is spent";
  for (int network = 2; network <= domain::NetworkBudget::kNetworksOfASite; ++network) {
    request_.address = "2001:db8:1:" + std::to_string(network) + "::1";
    Guess(6);
  }
  request_.address = "2001:db8:1:99::1";
  EXPECT_EQ(Result(kRight), ErrorCode::kTooManyRequests) << "the /48 is spent";
  request_.address = "2001:db8:2:99::1";
  EXPECT_EQ(Result(kRight), ErrorCode::kCount);
}

// Else any web page could keep its visitors' network from typing codes.
TEST_F(Activation, WrongCodesOfLinksKeepNobodyFromTypingOne) {
  world_.settings.user_code_attempts_global = 1000;
  request_.from = oauth::UserCodeRequest::From::kLink;
  for (int i = 0; i < 6; ++i) {
    request_.guess_session = "browser " + std::to_string(i);
    Guess(1);
  }
  request_.guess_session = "a colleague's";
  const auto link = Type(kRight);
  ASSERT_FALSE(link.ok()) << "links, too, have an end";
  EXPECT_EQ(link.error().code, ErrorCode::kTooManyRequests);
  EXPECT_NE(link.error().description.find("with this form"), std::string::npos);
  EXPECT_EQ(link.error().retry_after, seconds(900));
  request_.from = oauth::UserCodeRequest::From::kForm;
  EXPECT_EQ(Result(kRight), ErrorCode::kCount);
  request_.from = oauth::UserCodeRequest::From::kLink;
  request_.address = "192.0.2.2";
  EXPECT_EQ(Result(kRight), ErrorCode::kCount);
}

TEST_F(Activation, ALinkOfABrowserThatGuessedTooOftenPromisesNothingOfForms) {
  request_.from = oauth::UserCodeRequest::From::kLink;
  Guess(3);
  EXPECT_EQ(Type(kRight).error().description.find("form"), std::string::npos);
}

// What a form found, or a page showed, is no guess, whatever others did meanwhile.
TEST_F(Activation, AKnownCodeAsksNoBudgetAndCountsForNone) {
  Guess(3);
  GuessFromEverywhere(12);
  request_.from = oauth::UserCodeRequest::From::kKnown;
  ASSERT_TRUE(oauth::GuessesAreMany(world_.ports));
  EXPECT_EQ(Result(kRight), ErrorCode::kCount);
  request_.address = "198.51.100.77";
  request_.guess_session = "fresh";
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Result(kWrong), ErrorCode::kBadRequest);
  code().state = DeviceCodeState::kApproved;
  EXPECT_EQ(Result(kRight), ErrorCode::kBadRequest) << "only a live one";
  code().state = DeviceCodeState::kPending;
  request_.from = oauth::UserCodeRequest::From::kForm;
  request_.organization_slug = "acme";
  EXPECT_EQ(Result(kRight), ErrorCode::kCount);
}

TEST_F(Activation, ARefusalTellsWhatIsLeftOfTheWindow) {
  Guess(3);
  world_.clock.Advance(seconds(100));
  const auto browser_is_spent = Type(kRight);
  ASSERT_FALSE(browser_is_spent.ok());
  EXPECT_EQ(browser_is_spent.error().retry_after, seconds(800));
  request_.guess_session = "another";
  Guess(3);
  const auto address_is_spent = Type(kRight);
  ASSERT_FALSE(address_is_spent.ok());
  EXPECT_EQ(address_is_spent.error().retry_after, seconds(800)) << "it began with the first";
}

TEST_F(Activation, AnAccountDecidesSoOftenAMinute) {
  world_.settings.approvals_per_account = 2;
  EXPECT_EQ(Decide(base::Code::kOk), ErrorCode::kCount);
  EXPECT_EQ(Decide(base::Code::kConflict), ErrorCode::kBadRequest) << "what failed was tried";
  EXPECT_EQ(Decide(base::Code::kOk), ErrorCode::kTooManyRequests);
  world_.clock.Advance(seconds(60));
  EXPECT_EQ(Decide(base::Code::kOk), ErrorCode::kCount);
}

TEST_F(Activation, TheWindowOverAllIsForgotten) {
  Guess(3);
  EXPECT_EQ(Result(kRight), ErrorCode::kTooManyRequests);
  world_.clock.Advance(seconds(899));
  EXPECT_EQ(Result(kRight), ErrorCode::kTooManyRequests);
  world_.clock.Advance(seconds(1));
  code().expires_at = world_.clock.Now() + seconds(900);
  EXPECT_EQ(Result(kRight), ErrorCode::kCount);
}

TEST_F(Activation, BeyondTheGlobalBudgetACodeIsForWhoKnowsItsOrganization) {
  GuessFromEverywhere(11);
  EXPECT_FALSE(oauth::GuessesAreMany(world_.ports));
  EXPECT_EQ(Result(kRight), ErrorCode::kCount);
  GuessFromEverywhere(1);
  EXPECT_TRUE(oauth::GuessesAreMany(world_.ports));
  const std::string wrong = Refusal(kWrong);
  EXPECT_EQ(Refusal(kRight), wrong) << "the organization is not named";
  request_.organization_slug = "acme";
  EXPECT_EQ(Result(kRight), ErrorCode::kCount);
  request_.organization_slug = "other";
  EXPECT_EQ(Refusal(kRight), wrong) << "another organization is named";
}

TEST_F(Activation, BeyondTheGlobalBudgetASignedInBrowserKnowsItsOrganizations) {
  GuessFromEverywhere(12);
  auto signed_in_at = world_.other_org;
  request_.is_signed_in = [&](records::OrganizationId org) { return org == signed_in_at; };
  EXPECT_EQ(Result(kRight), ErrorCode::kBadRequest);
  signed_in_at = world_.org;
  EXPECT_EQ(Result(kRight), ErrorCode::kCount);
}

TEST_F(Activation, ARightCodeOfAnUnnamedOrganizationCostsAGuessLikeAWrongOne) {
  GuessFromEverywhere(12);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Result(kRight), ErrorCode::kBadRequest);
  EXPECT_EQ(Result(kRight), ErrorCode::kTooManyRequests) << "or the limit would tell it apart";
}

TEST_F(Activation, ADecisionSaysWhoDecidedAndFromWhichSession) {
  const auto found = Type(kRight);
  ASSERT_TRUE(found.ok());
  const auto step = oauth::DecideUserCode(*found,
                                          {.request_id = MakeId<records::RecordId>(1),
                                           .approve = true,
                                           .user_id = world_.user,
                                           .amr = "pwd",
                                           .auth_time = world_.clock.Now() - seconds(60),
                                           .session_epoch = 4},
                                          world_.ports);
  const auto* record = Awaited<records::DecideDeviceCode>(step);
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->device_code_id, code().id);
  EXPECT_EQ(record->organization_id, world_.org);
  EXPECT_TRUE(record->approve);
  EXPECT_EQ(record->user_id, world_.user);
  EXPECT_EQ(record->auth_time, world_.clock.Now() - seconds(60));
  EXPECT_EQ(record->decided_at, world_.clock.Now());
  EXPECT_EQ(record->session_epoch, 4);
}

TEST_F(Activation, ADecisionThatCameTooLateIsAnsweredLikeAWrongCode) {
  EXPECT_EQ(Decide(base::Code::kOk), ErrorCode::kCount);
  EXPECT_EQ(Decide(base::Code::kConflict), ErrorCode::kBadRequest);
  EXPECT_EQ(Decide(base::Code::kExpired), ErrorCode::kBadRequest);
  EXPECT_EQ(Decide(base::Code::kNotFound), ErrorCode::kBadRequest);
  EXPECT_EQ(Decide(base::Code::kDenied), ErrorCode::kAccessDenied);
  EXPECT_EQ(Decide(base::Code::kUnavailable), ErrorCode::kTemporarilyUnavailable);
}

}  // namespace
