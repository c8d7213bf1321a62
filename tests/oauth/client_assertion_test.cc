#include "oauth/clients/client_assertion.h"

#include <gtest/gtest.h>

#include <string>

#include "oauth/device/device_flow.h"
#include "oauth/world.h"

namespace {

using namespace testing_oauth;
using domain::ErrorCode;
using std::chrono::seconds;

constexpr char kJwt[] = "header.payload.signature";

class ClientAssertion : public testing::Test {
 protected:
  ClientAssertion() {
    world_.assertions.claims[kJwt] = {.iss = "acme-sync",
                                      .sub = "acme-sync",
                                      .aud = {world_.settings.public_url},
                                      .jti = "once",
                                      .exp = world_.clock.Now() + seconds(60),
                                      .nbf = std::nullopt,
                                      .iat = world_.clock.Now()};
    world_.assertions.signed_by[kJwt] = "the keys of acme-sync";
  }

  domain::AssertionClaims& claims() { return world_.assertions.claims[kJwt]; }

  domain::Answer<oauth::Client> Asked(std::uint8_t request, const std::string& client_id = {}) {
    oauth::ClientCredentials credentials;
    credentials.method = oauth::ClientCredentials::Method::kPrivateKeyJwt;
    credentials.client_id = client_id;
    credentials.client_assertion = kJwt;
    credentials.request_id = MakeId<records::RecordId>(request);
    return oauth::AuthenticateClient(credentials, world_.ports);
  }
  // kCount: the client is who it says.
  ErrorCode Authenticate(std::uint8_t request = 1, const std::string& client_id = {}) {
    const auto client = Asked(request, client_id);
    if (!client.ok()) return client.error().code;
    EXPECT_EQ(client->row->client_id, "acme-sync");
    return ErrorCode::kCount;
  }
  // So many assertions with a jti of their own; how many were taken.
  int AuthenticateAFresh(int times) {
    int taken = 0;
    for (int i = 0; i < times; ++i) {
      claims().jti = "fresh " + std::to_string(++fresh_);
      taken += Authenticate() == ErrorCode::kCount ? 1 : 0;
    }
    return taken;
  }
  void ExpectRefused(const char* what) {
    EXPECT_EQ(Authenticate(), ErrorCode::kClientAuthenticationFailed) << what;
    EXPECT_EQ(world_.used_jtis.size(), 0U) << "a refused assertion takes no jti: " << what;
  }

  World world_;
  int fresh_ = 0;
};

TEST_F(ClientAssertion, ProvesTheClientWithOrWithoutAClientIdBesideIt) {
  EXPECT_EQ(Authenticate(1), ErrorCode::kCount);
  claims().jti = "another";
  EXPECT_EQ(Authenticate(2, "acme-sync"), ErrorCode::kCount);
  claims().jti = "a third";
  EXPECT_EQ(Authenticate(3, "acme-cli"), ErrorCode::kClientAuthenticationFailed);
}

TEST_F(ClientAssertion, IsTakenOnce) {
  EXPECT_EQ(Authenticate(1), ErrorCode::kCount);
  EXPECT_EQ(Authenticate(2), ErrorCode::kClientAuthenticationFailed);
}

TEST_F(ClientAssertion, IsTakenAgainFromTheSameRequestThatNginxSentAgain) {
  EXPECT_EQ(Authenticate(1), ErrorCode::kCount);
  EXPECT_EQ(Authenticate(1), ErrorCode::kCount);
  EXPECT_EQ(Authenticate(2), ErrorCode::kClientAuthenticationFailed);
}

TEST_F(ClientAssertion, AReplayThatNginxSendsAgainIsStillAReplay) {
  EXPECT_EQ(Authenticate(1), ErrorCode::kCount);
  EXPECT_EQ(Authenticate(2), ErrorCode::kClientAuthenticationFailed);
  EXPECT_EQ(Authenticate(2), ErrorCode::kClientAuthenticationFailed);
}

TEST_F(ClientAssertion, IsAnsweredBusyWhereNoUsedJtiCanBeRemembered) {
  world_.used_jtis.is_full = true;
  EXPECT_EQ(Authenticate(), ErrorCode::kTemporarilyUnavailable);
}

TEST_F(ClientAssertion, TakesOneEntryHoweverOftenItIsSent) {
  for (std::uint8_t request = 1; request < 10; ++request) Authenticate(request);
  EXPECT_EQ(world_.used_jtis.size(), 1U);
}

TEST_F(ClientAssertion, AClientHasSoManyAMinuteAndTheRestIsNotRemembered) {
  world_.settings.assertions_per_client = 5;
  EXPECT_EQ(AuthenticateAFresh(5), 5);
  world_.clock.Advance(seconds(20));
  claims().jti = "one more";
  const auto refused = Asked(1);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kTooManyRequests);
  EXPECT_EQ(refused.error().retry_after, seconds(40)) << "what is left of the minute";
  EXPECT_EQ(world_.used_jtis.size(), 5U);
  world_.clock.Advance(seconds(40));
  claims().exp = world_.clock.Now() + seconds(60);
  EXPECT_EQ(Authenticate(), ErrorCode::kCount);
}

TEST_F(ClientAssertion, WhoHasNoKeyOfTheClientUsesUpNothingOfIt) {
  world_.settings.assertions_per_client = 5;
  world_.assertions.signed_by[kJwt] = "the keys of somebody else";
  EXPECT_EQ(AuthenticateAFresh(20), 0);
  world_.assertions.signed_by[kJwt] = "the keys of acme-sync";
  EXPECT_EQ(Authenticate(), ErrorCode::kCount);
}

// However many clients it has: what there is room for is everybody's.
TEST_F(ClientAssertion, AnOrganizationHasAnEighthOfTheTableForAllItsClients) {
  constexpr int kShare = 16384;
  constexpr int kClients = 10;
  constexpr int kOfEach = 2000;
  world_.settings.assertions_per_client = kOfEach;
  int taken = 0;
  for (int i = 0; i < kClients; ++i) {
    world_.rows.clients[2].id = MakeId<records::ClientRowId>(static_cast<std::uint8_t>(100 + i));
    taken += AuthenticateAFresh(kOfEach);
  }
  EXPECT_EQ(taken, kShare);
  world_.rows.clients[2].id = MakeId<records::ClientRowId>(200);
  world_.rows.clients[2].organization_id = world_.other_org;
  world_.rows.services[0].organization_id = world_.other_org;
  EXPECT_EQ(AuthenticateAFresh(1), 1) << "another organization's client";
}

// What is issued takes it along: the mark in memory does not outlive a reboot.
TEST_F(ClientAssertion, IsKeptWithWhatIsIssuedForIt) {
  oauth::DeviceAuthorizationRequest request{.request_id = MakeId<records::RecordId>(1),
                                            .credentials = {},
                                            .org = {},
                                            .service = {},
                                            .scope = {},
                                            .resource = {},
                                            .address = "192.0.2.1",
                                            .device_name = {}};
  request.credentials.method = oauth::ClientCredentials::Method::kPrivateKeyJwt;
  request.credentials.client_assertion = kJwt;
  request.credentials.request_id = request.request_id;
  const auto step = oauth::AuthorizeDevice(request, world_.ports);
  const auto* record = Awaited<records::CreateDeviceCode>(step);
  ASSERT_NE(record, nullptr);
  ASSERT_TRUE(record->assertion);
  EXPECT_EQ(record->assertion->client_row_id, world_.key_client);
  EXPECT_EQ(record->assertion->jti_hash, world_.hashes.Sha256(base::AsBytes("once")));
  EXPECT_EQ(record->assertion->expires_at, *claims().exp + seconds(60)) << "with the leeway";
  EXPECT_EQ(ErrorOfStep(Answered(step, {.code = Code::kInvalid})),
            ErrorCode::kClientAuthenticationFailed)
      << "another request used it before a reboot";

  request.credentials = Credentials("acme-cli");
  const auto without = oauth::AuthorizeDevice(request, world_.ports);
  EXPECT_FALSE(Awaited<records::CreateDeviceCode>(without)->assertion);
}

TEST_F(ClientAssertion, NeedsAKeyOfThatClient) {
  world_.assertions.signed_by[kJwt] = "the keys of somebody else";
  ExpectRefused("another key");
  world_.assertions.signed_by[kJwt] = "";
  claims().iss = claims().sub = "acme-daemon";
  ExpectRefused("a client that has a secret and no keys");
  claims().iss = claims().sub = "nobody";
  ExpectRefused("an unknown client");
}

TEST_F(ClientAssertion, SpeaksOfTheClientToUsAlone) {
  const domain::AssertionClaims good = claims();
  claims().iss = "somebody";
  ExpectRefused("iss");
  claims() = good;
  claims().aud = {};
  ExpectRefused("no aud");
  claims().aud = {world_.settings.public_url + "/oauth/token"};
  ExpectRefused("the token endpoint is not the issuer");
  claims().aud = {world_.settings.public_url, "https://other.example"};
  ExpectRefused("somebody else as well");
  claims() = good;
  claims().jti = "";
  ExpectRefused("no jti");
  claims().jti = std::string(257, 'j');
  ExpectRefused("a long jti");
}

TEST_F(ClientAssertion, LivesForFiveMinutesAtMostWithAMinuteOfLeeway) {
  const base::Time now = world_.clock.Now();
  claims().exp = std::nullopt;
  ExpectRefused("no exp");
  claims().exp = now - seconds(60);
  ExpectRefused("over");
  claims().exp = now + seconds(361);
  ExpectRefused("too long");
  claims().exp = now + seconds(60);
  claims().nbf = now + seconds(61);
  ExpectRefused("not yet");
  claims().nbf = std::nullopt;
  claims().iat = now + seconds(61);
  ExpectRefused("made in the future");
  claims().iat = now + seconds(60);
  claims().exp = now - seconds(59);
  EXPECT_EQ(Authenticate(), ErrorCode::kCount);
}

TEST_F(ClientAssertion, AClientWithKeysHasNoSecret) {
  EXPECT_FALSE(oauth::AuthenticateClient(Credentials("acme-sync"), world_.ports).ok());
  EXPECT_FALSE(oauth::AuthenticateClient(Credentials("acme-sync", "guess"), world_.ports).ok());
}

// The signature is the dearest of it, and a stranger has it checked.
TEST_F(ClientAssertion, IsRefusedForItsClaimsBeforeItsSignatureIsLookedAt) {
  claims().exp = world_.clock.Now() - seconds(3600);
  ExpectRefused("over");
  EXPECT_EQ(world_.assertions.verifications, 0);
  claims().exp = world_.clock.Now() + seconds(60);
  EXPECT_EQ(Authenticate(), ErrorCode::kCount);
  EXPECT_EQ(world_.assertions.verifications, 1);
}

}  // namespace
