#include "oauth/device/device_flow.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "domain/guess_budget.h"
#include "oauth/device/user_code.h"
#include "oauth/scope.h"
#include "oauth/world.h"

namespace {

using namespace testing_oauth;
using domain::ErrorCode;
using records::DeviceCodeState;
using std::chrono::seconds;

std::string HexOf(int number) {
  const std::array bytes{static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
  return base::HexEncode(bytes);
}

class DeviceFlow : public testing::Test {
 protected:
  oauth::DeviceAuthorizationRequest AuthorizationRequest() {
    return {.request_id = MakeId<records::RecordId>(9),
            .credentials = Credentials("acme-cli"),
            .org = {},
            .service = {},
            .scope = {},
            .resource = {},
            .address = "192.0.2.1",
            .device_name = "test"};
  }

  // A device code as the store would have it, and the text its device holds.
  std::string AddCode(DeviceCodeState state) {
    domain::Secret secret{};
    world_.random.Fill(secret);
    records::DeviceCodeRow row;
    row.id = MakeId<records::DeviceCodeId>(20);
    row.organization_id = world_.org;
    row.client_row_id = world_.client;
    row.service_id = world_.service;
    row.secret_hash = world_.hashes.Sha256(secret);
    row.user_code = "ABCD-2345";
    row.scope = "openid";
    row.issuer = world_.settings.public_url;
    row.state = state;
    row.created_at = world_.clock.Now();
    row.expires_at = world_.clock.Now() + seconds(900);
    row.user_id = world_.user;
    row.user_email = "alice@acme.example";
    world_.rows.device_codes.push_back(row);
    return domain::EncodeSplitToken(row.id, secret);
  }

  domain::Step<domain::Answer<oauth::TokenResponse>> Redeem(
      const std::string& device_code, const std::string& client_id = "acme-cli",
      const std::string& secret = "") {
    return oauth::RedeemDevice({.request_id = MakeId<records::RecordId>(8),
                                .credentials = Credentials(client_id, secret),
                                .device_code = device_code,
                                .resource = {},
                                .address = address_,
                                .received_at = world_.clock.Now()},
                               world_.ports);
  }

  World world_;
  std::string address_ = "192.0.2.1";
};

TEST_F(DeviceFlow, IssuesCodesOnlyAfterTheWriteIsDurable) {
  const auto step = oauth::AuthorizeDevice(AuthorizationRequest(), world_.ports);
  const auto* record = Awaited<records::CreateDeviceCode>(step);
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->organization_id, world_.org);
  EXPECT_EQ(record->expires_at - record->created_at, seconds(900));
  const auto end = Answered(step, {.code = Code::kOk});
  const auto& answer = std::get<0>(end);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->user_code, record->user_code);
  EXPECT_EQ(answer->verification_uri_complete,
            answer->verification_uri + "?user_code=" + answer->user_code);
  const auto handle = domain::DecodeSplitToken<records::DeviceCodeTag>(answer->device_code);
  ASSERT_TRUE(handle.has_value());
  EXPECT_EQ(world_.hashes.Sha256(handle->secret), record->secret_hash);
}

TEST_F(DeviceFlow, DrawsAnotherCodeAfterACollision) {
  const auto first = oauth::AuthorizeDevice(AuthorizationRequest(), world_.ports);
  const auto second = Answered(first, {.code = Code::kExists});
  ASSERT_NE(Awaited<records::CreateDeviceCode>(second), nullptr);
  EXPECT_NE(Awaited<records::CreateDeviceCode>(first)->user_code,
            Awaited<records::CreateDeviceCode>(second)->user_code);
}

TEST_F(DeviceFlow, GivesUpAfterFourCollisions) {
  auto step = oauth::AuthorizeDevice(AuthorizationRequest(), world_.ports);
  for (int i = 0; i < 4; ++i) {
    ASSERT_NE(Awaited<records::CreateDeviceCode>(step), nullptr) << i;
    step = Answered(step, {.code = Code::kExists});
  }
  EXPECT_EQ(ErrorOfStep(step), ErrorCode::kServerError);
}

TEST_F(DeviceFlow, AnswersUnavailableWhenTheOutcomeIsUnknown) {
  const auto step = oauth::AuthorizeDevice(AuthorizationRequest(), world_.ports);
  EXPECT_EQ(ErrorOfStep(Answered(step, {.code = Code::kUnavailable})),
            ErrorCode::kTemporarilyUnavailable);
  EXPECT_EQ(ErrorOfStep(Answered(step, {.code = Code::kFull})), ErrorCode::kTemporarilyUnavailable);
}

TEST_F(DeviceFlow, RejectsUnknownClient) {
  auto request = AuthorizationRequest();
  request.credentials.client_id = "nobody";
  EXPECT_EQ(ErrorOfStep(oauth::AuthorizeDevice(request, world_.ports)), ErrorCode::kInvalidClient);
}

TEST_F(DeviceFlow, RejectsATripleThatDoesNotBelongTogether) {
  auto request = AuthorizationRequest();
  request.org = "other";
  EXPECT_EQ(ErrorOfStep(oauth::AuthorizeDevice(request, world_.ports)), ErrorCode::kInvalidRequest);
  request.org = "acme";
  request.service = "web";
  EXPECT_EQ(ErrorOfStep(oauth::AuthorizeDevice(request, world_.ports)), ErrorCode::kInvalidRequest);
  request.service = "cli";
  EXPECT_NE(Awaited<records::CreateDeviceCode>(oauth::AuthorizeDevice(request, world_.ports)),
            nullptr);
}

TEST_F(DeviceFlow, RejectsASuspendedOrganizationAndADisabledClient) {
  world_.rows.organizations[0].status = records::OrganizationStatus::kSuspended;
  EXPECT_EQ(ErrorOfStep(oauth::AuthorizeDevice(AuthorizationRequest(), world_.ports)),
            ErrorCode::kUnauthorizedClient);
  world_.rows.organizations[0].status = records::OrganizationStatus::kActive;
  world_.rows.clients[0].disabled = true;
  EXPECT_EQ(ErrorOfStep(oauth::AuthorizeDevice(AuthorizationRequest(), world_.ports)),
            ErrorCode::kUnauthorizedClient);
}

TEST_F(DeviceFlow, GivesTheClientsDefaultScopeToARequestWithoutOneAndNoMoreThanItMayAskFor) {
  const auto scope_of = [&](std::string asked) -> std::string {
    auto request = AuthorizationRequest();
    request.scope = std::move(asked);
    const auto step = oauth::AuthorizeDevice(request, world_.ports);
    const auto* record = Awaited<records::CreateDeviceCode>(step);
    return record == nullptr ? "refused" : record->scope;
  };
  EXPECT_EQ(scope_of(""), "");
  world_.rows.clients[0].default_scope = "email";
  EXPECT_EQ(scope_of(""), "email");
  EXPECT_EQ(scope_of("openid"), "openid") << "who asks gets what was asked for";
  world_.rows.clients[0].allowed_scope = "openid email";
  EXPECT_EQ(scope_of("profile openid"), "openid");
  EXPECT_EQ(scope_of("profile"), "refused");
}

TEST_F(DeviceFlow, TellsTheAddressOnlyToWhoHasTheScope) {
  const std::string device_code = AddCode(DeviceCodeState::kApproved);
  for (const char* scope : {"openid", "openid email"}) {
    for (const char* resource : {"", "https://api.acme.example"}) {
      world_.rows.device_codes[0].scope = scope;
      world_.rows.device_codes[0].resource = resource;
      ASSERT_NE(Awaited<records::RedeemDeviceCode>(Redeem(device_code)), nullptr);
      const std::string email = oauth::HasScope(scope, "email") ? "alice@acme.example" : "";
      EXPECT_EQ(world_.signer.last_access_token->email, email) << scope << " " << resource;
      EXPECT_EQ(world_.signer.last_id_token->email, email) << scope;
      EXPECT_EQ(world_.signer.last_access_token->org, "acme");
    }
  }
}

TEST_F(DeviceFlow, CapsLiveCodesOfOneClientAndAddress) {
  world_.settings.device_codes_per_client_and_address = 2;
  EXPECT_EQ(ErrorOfStep(oauth::AuthorizeDevice(AuthorizationRequest(), world_.ports)),
            ErrorCode::kCount);
  EXPECT_EQ(ErrorOfStep(oauth::AuthorizeDevice(AuthorizationRequest(), world_.ports)),
            ErrorCode::kCount);
  EXPECT_EQ(ErrorOfStep(oauth::AuthorizeDevice(AuthorizationRequest(), world_.ports)),
            ErrorCode::kTooManyRequests);
  auto elsewhere = AuthorizationRequest();
  elsewhere.address = "192.0.2.2";
  EXPECT_EQ(ErrorOfStep(oauth::AuthorizeDevice(elsewhere, world_.ports)), ErrorCode::kCount);
}

TEST_F(DeviceFlow, CapsLiveCodesOfAnIpv6SiteToo) {
  world_.settings.device_codes_per_client_and_address = 1;
  auto request = AuthorizationRequest();
  const auto from = [&](int network) {
    request.address = "2001:db8:1:" + std::to_string(network) + "::1";
    return ErrorOfStep(oauth::AuthorizeDevice(request, world_.ports));
  };
  for (int network = 1; network <= domain::NetworkBudget::kNetworksOfASite; ++network) {
    EXPECT_EQ(from(network), ErrorCode::kCount) << network;
  }
  EXPECT_EQ(from(99), ErrorCode::kTooManyRequests);
  request.address = "2001:db8:2::1";
  EXPECT_EQ(ErrorOfStep(oauth::AuthorizeDevice(request, world_.ports)), ErrorCode::kCount);
}

// 65,536 networks of one /48, each asking for codes of several clients: however many there are, the
// site has so many keys, and all of it together no more codes than it may have.
TEST_F(DeviceFlow, AnIpv6SiteMakesFewKeysHoweverManyNetworksAndClientsItUses) {
  constexpr int kNetworks = 2000;
  constexpr int kClients = 30;
  constexpr int kLimit = 20;
  constexpr int kOfASite = 16 * kLimit;
  world_.settings.device_codes_per_client_and_address = kLimit;
  auto request = AuthorizationRequest();
  std::map<int, int> given;
  for (int network = 0; network < kNetworks; ++network) {
    request.address = "2001:db8:9:" + HexOf(network) + "::1";
    for (int client = 0; client < kClients; ++client) {
      world_.rows.clients[0].id =
          MakeId<records::ClientRowId>(static_cast<std::uint8_t>(100 + client));
      if (ErrorOfStep(oauth::AuthorizeDevice(request, world_.ports)) == ErrorCode::kCount) {
        ++given[client];
      }
    }
  }
  for (const auto& [client, codes] : given) EXPECT_LE(codes, kOfASite) << client;
  EXPECT_EQ(given[0], kOfASite);
  EXPECT_LE(world_.limits.keys(domain::LimitPurpose::kDeviceCode), 200U);
}

TEST_F(DeviceFlow, AnAddressMakesFewKeysHoweverManyClientsItUses) {
  auto request = AuthorizationRequest();
  request.address = "192.0.2.1";
  for (int client = 0; client < 100; ++client) {
    world_.rows.clients[0].id =
        MakeId<records::ClientRowId>(static_cast<std::uint8_t>(100 + client));
    EXPECT_EQ(ErrorOfStep(oauth::AuthorizeDevice(request, world_.ports)), ErrorCode::kCount);
  }
  EXPECT_LE(world_.limits.keys(domain::LimitPurpose::kDeviceCode), 20U);
}

TEST_F(DeviceFlow, ClientsBeyondThoseWithAKeyAreCountedTogether) {
  world_.settings.device_codes_per_client_and_address = 2;
  auto request = AuthorizationRequest();
  request.address = "192.0.2.1";
  int given = 0;
  for (int client = 0; client < 100; ++client) {
    world_.rows.clients[0].id =
        MakeId<records::ClientRowId>(static_cast<std::uint8_t>(100 + client));
    given +=
        ErrorOfStep(oauth::AuthorizeDevice(request, world_.ports)) == ErrorCode::kCount ? 1 : 0;
  }
  EXPECT_EQ(given, 16 + 2);
}

TEST_F(DeviceFlow, PagesOfOtherSitesKeepNobodyOfTheirVisitorsNetworkFromGettingCodes) {
  world_.settings.device_codes_per_client_and_address = 8;
  for (const auto* address : {"192.0.2.1", "2001:db8:1:2::1"}) {
    auto request = AuthorizationRequest();
    request.address = address;
    const auto given = [&](bool is_by_page) {
      request.is_by_page = is_by_page;
      int codes = 0;
      for (int i = 0; i < 20; ++i) {
        codes += ErrorOfStep(oauth::AuthorizeDevice(request, world_.ports)) == ErrorCode::kCount;
      }
      return codes;
    };
    EXPECT_EQ(given(true), 2) << address;
    EXPECT_EQ(given(false), 6) << address << ": a page's codes are some of its network's";
    EXPECT_EQ(given(true), 0) << address;
  }
}

// Whoever has no browser says that they are a page as they like.
TEST_F(DeviceFlow, WhoSaysThatTheyAreAPageGetsNoSecondBudgetOfASite) {
  world_.settings.device_codes_per_client_and_address = 8;
  auto request = AuthorizationRequest();
  int given = 0;
  for (int i = 0; i < 600; ++i) {
    request.address = "2001:db8:1:" + HexOf(i / 2) + "::1";
    request.is_by_page = i % 2 == 1;
    given += ErrorOfStep(oauth::AuthorizeDevice(request, world_.ports)) == ErrorCode::kCount;
  }
  EXPECT_EQ(given, domain::NetworkBudget::kNetworksOfASite * 8);
}

TEST_F(DeviceFlow, OneCodeIsLeftToPagesWhereTheirPartWouldBeNone) {
  world_.settings.device_codes_per_client_and_address = 2;
  auto request = AuthorizationRequest();
  request.is_by_page = true;
  EXPECT_EQ(ErrorOfStep(oauth::AuthorizeDevice(request, world_.ports)), ErrorCode::kCount);
  EXPECT_EQ(ErrorOfStep(oauth::AuthorizeDevice(request, world_.ports)),
            ErrorCode::kTooManyRequests);
}

TEST_F(DeviceFlow, UnknownDeviceCodesOfAnIpv6SiteMakeFewKeys) {
  for (int network = 0; network < 3000; ++network) {
    address_ = "2001:db8:9:" + HexOf(network) + "::1";
    Redeem("nonsense");
  }
  EXPECT_LE(world_.limits.keys(domain::LimitPurpose::kUnknownDeviceCode), 67U);
}

TEST_F(DeviceFlow, ALimitTellsWhatIsLeftOfItsWindow) {
  world_.settings.device_codes_per_client_and_address = 1;
  world_.settings.unknown_device_codes_per_address = 1;
  ErrorOfStep(oauth::AuthorizeDevice(AuthorizationRequest(), world_.ports));
  Redeem("nonsense");
  world_.clock.Advance(seconds(50));
  const auto no_more = oauth::AuthorizeDevice(AuthorizationRequest(), world_.ports);
  EXPECT_EQ(std::get<0>(no_more).error().retry_after, seconds(850));
  EXPECT_EQ(std::get<0>(Redeem("nonsense")).error().retry_after, seconds(10));
}

TEST_F(DeviceFlow, APendingPollWritesNothing) {
  const std::string code = AddCode(DeviceCodeState::kPending);
  EXPECT_EQ(ErrorOfStep(Redeem(code)), ErrorCode::kAuthorizationPending);
  world_.polls.verdict = {.too_fast = true, .interval = seconds(10)};
  const auto step = Redeem(code);
  EXPECT_EQ(ErrorOfStep(step), ErrorCode::kSlowDown);
  EXPECT_EQ(std::get<0>(step).error().retry_after, seconds(10));
}

TEST_F(DeviceFlow, TellsDeniedExpiredAndUnknownApart) {
  const std::string code = AddCode(DeviceCodeState::kDenied);
  EXPECT_EQ(ErrorOfStep(Redeem(code)), ErrorCode::kAccessDenied);
  world_.clock.Advance(seconds(900));
  EXPECT_EQ(ErrorOfStep(Redeem(code)), ErrorCode::kExpiredToken);
  EXPECT_EQ(ErrorOfStep(Redeem("nonsense")), ErrorCode::kInvalidGrant);
  EXPECT_EQ(ErrorOfStep(Redeem("")), ErrorCode::kInvalidRequest);
}

TEST_F(DeviceFlow, AWrongVerifierIsInvalidGrantAndAsksNoPollTable) {
  const std::string code = AddCode(DeviceCodeState::kPending);
  world_.polls.verdict = {.too_fast = true, .interval = seconds(10)};
  auto handle = *domain::DecodeSplitToken<records::DeviceCodeTag>(code);
  handle.secret[31] ^= 1;
  EXPECT_EQ(ErrorOfStep(Redeem(domain::EncodeSplitToken(handle.id, handle.secret))),
            ErrorCode::kInvalidGrant);
}

TEST_F(DeviceFlow, AnotherClientGetsInvalidGrant) {
  const std::string code = AddCode(DeviceCodeState::kApproved);
  EXPECT_EQ(ErrorOfStep(Redeem(code, "acme-daemon", "s3cret")), ErrorCode::kInvalidGrant);
  EXPECT_EQ(ErrorOfStep(Redeem(code, "acme-daemon", "wrong")),
            ErrorCode::kClientAuthenticationFailed);
}

TEST_F(DeviceFlow, RedeemsAnApprovedCodeOnce) {
  const auto step = Redeem(AddCode(DeviceCodeState::kApproved));
  const auto* record = Awaited<records::RedeemDeviceCode>(step);
  ASSERT_NE(record, nullptr);
  EXPECT_TRUE(record->refresh_token.has_value());
  const auto won = Answered(step, {.code = Code::kOk});
  ASSERT_TRUE(std::get<0>(won).ok());
  const oauth::TokenResponse& tokens = *std::get<0>(won);
  EXPECT_EQ(world_.hashes.Sha256(base::AsBytes(tokens.access_token)),
            record->access_token.token_hash);
  EXPECT_FALSE(tokens.id_token.empty()) << "scope has openid";
  EXPECT_EQ(ErrorOfStep(Answered(step, {.code = Code::kConflict})), ErrorCode::kInvalidGrant);
}

TEST_F(DeviceFlow, AnAccessTokenNeverOutlivesItsGrant) {
  const std::string code = AddCode(DeviceCodeState::kApproved);
  for (const int own_lifetime_s : {0, 86400}) {  // the setting's, the service's
    world_.rows.services[0].access_token_lifetime_s = own_lifetime_s;
    for (const int grant_s : {60, 3600, 7200}) {
      world_.settings.access_token_s = 3600;
      world_.settings.refresh_token_absolute_s = grant_s;
      const auto step = Redeem(code);
      const auto* record = Awaited<records::RedeemDeviceCode>(step);
      ASSERT_NE(record, nullptr);
      const base::Time end = std::min<base::Time>(
          record->grant.expires_at,
          world_.clock.Now() + seconds(own_lifetime_s == 0 ? 3600 : own_lifetime_s));
      EXPECT_EQ(record->grant.expires_at, world_.clock.Now() + seconds(grant_s));
      EXPECT_EQ(record->access_token.expires_at, end);
      EXPECT_EQ(world_.signer.last_access_token->exp, end);
      EXPECT_EQ(std::get<0>(Answered(step, {.code = Code::kOk}))->expires_in,
                end - world_.clock.Now());
    }
  }
}

TEST_F(DeviceFlow, RefusesADisabledUserAtRedemption) {
  const std::string code = AddCode(DeviceCodeState::kApproved);
  world_.rows.device_codes[0].user_status = records::UserStatus::kDisabled;
  EXPECT_EQ(ErrorOfStep(Redeem(code)), ErrorCode::kAccessDenied);
}

TEST_F(DeviceFlow, ALateReplayEndsTheGrantAndAnEarlyOneDoesNot) {
  const std::string code = AddCode(DeviceCodeState::kRedeemed);
  world_.rows.device_codes[0].redeemed_at = world_.clock.Now();
  world_.clock.Advance(std::chrono::milliseconds(900));
  const auto early = Redeem(code);  // in flight with the winner, or the winner itself, sent again
  ASSERT_NE(Awaited<records::RedeemDeviceCode>(early), nullptr);
  EXPECT_EQ(ErrorOfStep(Answered(early, {.code = Code::kConflict})), ErrorCode::kInvalidGrant);
  world_.clock.Advance(seconds(1));
  const auto step = Redeem(code);
  ASSERT_NE(Awaited<records::RevokeGrant>(step), nullptr);
  EXPECT_EQ(ErrorOfStep(Answered(step, {.code = Code::kOk})), ErrorCode::kInvalidGrant);
}

TEST_F(DeviceFlow, ADownDatabaseIsTemporarilyUnavailable) {
  const std::string code = AddCode(DeviceCodeState::kPending);
  world_.rows.down = true;
  EXPECT_EQ(ErrorOfStep(Redeem(code)), ErrorCode::kTemporarilyUnavailable);
}

TEST(UserCode, IsEightSymbolsOfTheAlphabetWithADash) {
  CountingRandom random;
  for (int i = 0; i < 1000; ++i) {
    const std::string code = oauth::DrawUserCode(random);
    ASSERT_EQ(code.size(), 9U);
    EXPECT_EQ(code[4], '-');
    EXPECT_EQ(code.find_first_of("IO01"), std::string::npos) << code;
    EXPECT_EQ(oauth::NormalizeUserCode(code), code);
  }
}

TEST(UserCode, IsReadAsPeopleTypeIt) {
  EXPECT_EQ(oauth::NormalizeUserCode("abcd2345"), "ABCD-2345");
  EXPECT_EQ(oauth::NormalizeUserCode(" ab cd-23 45 "), "ABCD-2345");
  EXPECT_EQ(oauth::NormalizeUserCode("ab\tcd\r\n23\xe2\x80\x8b"
                                     "45"),
            "ABCD-2345");
  EXPECT_EQ(oauth::NormalizeUserCode("\xc2\xa0"
                                     "abcd\xe2\x80\x93"
                                     "2345\xef\xbb\xbf"),
            "ABCD-2345");
  // ABｃD－2３45 with three characters of full width and the dash as well
  EXPECT_EQ(oauth::NormalizeUserCode("AB\xef\xbd\x83"
                                     "D\xef\xbc\x8d"
                                     "2\xef\xbc\x93"
                                     "45"),
            "ABCD-2345");
  EXPECT_EQ(oauth::NormalizeUserCode("\xef\xbc"), std::nullopt);
  EXPECT_EQ(oauth::NormalizeUserCode("ABCD-234"), std::nullopt);
  EXPECT_EQ(oauth::NormalizeUserCode("ABCD-23456"), std::nullopt);
  EXPECT_EQ(oauth::NormalizeUserCode(""), std::nullopt);
  EXPECT_EQ(oauth::NormalizeUserCode(std::string(65, 'A')), std::nullopt);
}

}  // namespace
