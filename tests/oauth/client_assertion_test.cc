#include "oauth/clients/client_assertion.h"

#include <gtest/gtest.h>

#include "oauth/world.h"

namespace {

using namespace testing_oauth;
using oauth::ErrorCode;
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

  oauth::AssertionClaims& claims() { return world_.assertions.claims[kJwt]; }

  // kCount: the client is who it says.
  ErrorCode Authenticate(std::uint8_t request = 1, const std::string& client_id = {}) {
    oauth::ClientCredentials credentials;
    credentials.method = oauth::ClientCredentials::Method::kPrivateKeyJwt;
    credentials.client_id = client_id;
    credentials.client_assertion = kJwt;
    credentials.request_id = MakeId<records::RecordId>(request);
    const auto client = oauth::AuthenticateClient(credentials, world_.ports);
    if (!client.ok()) return client.error().code;
    EXPECT_EQ(client->row->client_id, "acme-sync");
    return ErrorCode::kCount;
  }
  void ExpectRefused(const char* what) {
    EXPECT_EQ(Authenticate(), ErrorCode::kClientAuthenticationFailed) << what;
    EXPECT_FALSE(world_.used_jtis.has_counted()) << "a refused assertion takes no jti: " << what;
  }

  World world_;
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
  const oauth::AssertionClaims good = claims();
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

TEST_F(ClientAssertion, LivesForAnHourAtMostWithAMinuteOfLeeway) {
  const base::Time now = world_.clock.Now();
  claims().exp = std::nullopt;
  ExpectRefused("no exp");
  claims().exp = now - seconds(60);
  ExpectRefused("over");
  claims().exp = now + seconds(3661);
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

}  // namespace
