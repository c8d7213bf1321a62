#include "domain/issuer.h"

#include <gtest/gtest.h>

#include "oauth/bearer.h"
#include "oauth/device/activation.h"
#include "oauth/device/device_flow.h"
#include "oauth/refresh.h"
#include "oauth/steps.h"
#include "oauth/world.h"

namespace {

using namespace testing_oauth;
using domain::ErrorCode;

class Issuers : public testing::Test {
 protected:
  Issuers() {
    world_.settings.public_url = "https://id.example:8443";
    world_.rows.domains.push_back({.host = "login.acme.example", .organization_id = world_.org});
  }

  // "ISSUER PATH", or the error.
  std::string PlaceOf(std::string_view host, std::string_view path) {
    const auto location = domain::FindLocation(host, path, world_.ports);
    if (!location.ok()) return location.error().description;
    return std::string(location->issuer) + " " + std::string(location->path);
  }
  // The client of acme-cli belongs to this issuer from now on.
  void Move(const std::string& issuer) { world_.rows.clients.front().issuer = issuer; }
  oauth::ClientCredentials At(const std::string& issuer) {
    oauth::ClientCredentials credentials = Credentials("acme-cli");
    credentials.issuer = issuer;
    return credentials;
  }
  ErrorCode Authenticate(const std::string& issuer) {
    const auto client = oauth::AuthenticateClient(At(issuer), world_.ports);
    return client.ok() ? ErrorCode::kCount : client.error().code;
  }
  auto Authorize(const std::string& issuer) {
    return oauth::AuthorizeDevice({.request_id = MakeId<records::RecordId>(7),
                                   .credentials = At(issuer),
                                   .org = {},
                                   .service = {},
                                   .scope = {},
                                   .resource = {},
                                   .address = "192.0.2.1",
                                   .device_name = {}},
                                  world_.ports);
  }
  // For a live user code of the organization, at an issuer of it.
  oauth::UserCodeRequest OfLiveUserCode() {
    records::DeviceCodeRow code;
    code.organization_id = world_.org;
    code.client_row_id = world_.client;
    code.service_id = world_.service;
    code.user_code = "BCDF-GHJK";
    code.expires_at = world_.clock.Now() + std::chrono::minutes(5);
    world_.rows.device_codes.push_back(code);
    return {.user_code = "BCDF-GHJK",
            .address = "192.0.2.1",
            .guess_session = {},
            .organization = world_.org,
            .organization_slug = {},
            .is_signed_in = {}};
  }

  World world_;
};

TEST_F(Issuers, APathBelowPublicUrlIsOfThePlatform) {
  EXPECT_EQ(PlaceOf("id.example", "/oauth/token"), " /oauth/token");
  EXPECT_EQ(PlaceOf("", "/oauth/token"), " /oauth/token") << "cgi-fcgi without HTTP_HOST";
  for (const char* local : {"localhost", "127.0.0.1", "[::1]"}) {
    EXPECT_EQ(PlaceOf(local, "/"), " /") << local;
  }
  EXPECT_EQ(PlaceOf("id.example", "/.well-known/jwks.json"), " /.well-known/jwks.json");
  EXPECT_EQ(PlaceOf("id.example", "/.well-known/a/b"), " /.well-known/a/b");
}

TEST_F(Issuers, APathBelowOIsOfAnOrganization) {
  EXPECT_EQ(PlaceOf("id.example", "/o/acme/oauth/token"), "/o/acme /oauth/token");
  EXPECT_EQ(PlaceOf("id.example", "/o/acme/.well-known/openid-configuration"),
            "/o/acme /.well-known/openid-configuration");
  EXPECT_EQ(PlaceOf("id.example", "/.well-known/oauth-authorization-server/o/acme"),
            "/o/acme /.well-known/oauth-authorization-server");
  EXPECT_EQ(PlaceOf("id.example", "/.well-known/oauth-authorization-server/o/acme/x"),
            " /.well-known/oauth-authorization-server/o/acme/x")
      << "not an issuer: no such address";
  EXPECT_EQ(PlaceOf("id.example", "/o/acme"), "/o/acme /");
  EXPECT_EQ(PlaceOf("id.example", "/o/"), "/o/ /");
}

TEST_F(Issuers, ADomainIsOfAnOrganization) {
  EXPECT_EQ(PlaceOf("login.acme.example", "/oauth/token"), "//login.acme.example /oauth/token");
  EXPECT_EQ(PlaceOf("login.acme.example", "/o/acme/oauth/token"), "There is no such issuer.");
}

// Without the writer's page nothing is kept: each look-up puts a new row in the location of the old.
TEST_F(Issuers, APlaceOutlivesTheRowItWasFoundBy) {
  const auto location = domain::FindLocation("login.acme.example", "/", world_.ports);
  ASSERT_TRUE(location.ok());
  world_.rows.domains.clear();
  EXPECT_EQ(location->issuer, "//login.acme.example");
}

TEST_F(Issuers, AnUnknownHostIsToldTheCommandThatAddsIt) {
  const auto location = domain::FindLocation("evil.example", "/", world_.ports);
  ASSERT_FALSE(location.ok());
  EXPECT_EQ(location.error().code, ErrorCode::kMisdirectedRequest);
  EXPECT_NE(location.error().description.find("evil.example"), std::string::npos);
  EXPECT_NE(location.error().description.find("latchkey domain create --org ORG evil.example"),
            std::string::npos);
  const std::string hostile = PlaceOf("<script>\"", "/");
  EXPECT_EQ(hostile.find('<'), std::string::npos);
  EXPECT_EQ(hostile.find('"'), std::string::npos);
  EXPECT_EQ(PlaceOf(std::string(254, 'a'), "/").find("aaaa"), std::string::npos);
}

TEST_F(Issuers, AHostThatCannotBeLookedUpIsNotUnknown) {
  world_.rows.down = true;
  EXPECT_EQ(domain::FindLocation("evil.example", "/", world_.ports).error().code,
            ErrorCode::kTemporarilyUnavailable);
  EXPECT_TRUE(domain::FindLocation("id.example", "/", world_.ports).ok()) << "needs no database";
}

TEST_F(Issuers, TheIdentifierFollowsPublicUrl) {
  EXPECT_EQ(domain::IssuerUrl("", world_.settings), "https://id.example:8443");
  EXPECT_EQ(domain::IssuerUrl("/o/acme", world_.settings), "https://id.example:8443/o/acme");
  EXPECT_EQ(domain::IssuerUrl("//login.acme.example", world_.settings),
            "https://login.acme.example:8443");
  world_.settings.public_url = "http://id.example";
  EXPECT_EQ(domain::IssuerUrl("//login.acme.example", world_.settings),
            "http://login.acme.example");
}

TEST_F(Issuers, AnOrganizationWithoutKeysIsTheIssuerOfNobody) {
  EXPECT_EQ(domain::FindIssuer("/o/acme", world_.ports).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(domain::FindIssuer("", world_.ports).ok());
  world_.rows.signing_keys.emplace_back();
  for (const char* issuer : {"/o/acme", "//login.acme.example"}) {
    const auto found = domain::FindIssuer(issuer, world_.ports);
    ASSERT_TRUE(found.ok()) << issuer;
    EXPECT_EQ(found->key_owner, world_.org) << issuer;
  }
  EXPECT_EQ(domain::FindIssuer("/o/nobody", world_.ports).error().code, ErrorCode::kNotFound);
}

TEST_F(Issuers, ThePlatformIsNoOrganizationBelowO) {
  world_.rows.signing_keys.emplace_back();
  records::OrganizationRow platform;
  platform.id = records::kPlatformOrganizationId;
  platform.slug = "platform";
  world_.rows.organizations.push_back(platform);
  EXPECT_EQ(domain::FindIssuer("/o/platform", world_.ports).error().code, ErrorCode::kNotFound);
}

TEST_F(Issuers, AClientIsKnownAtItsOwnAlone) {
  EXPECT_EQ(Authenticate(""), ErrorCode::kCount);
  EXPECT_EQ(Authenticate("/o/acme"), ErrorCode::kInvalidClient);
  Move("/o/acme");
  EXPECT_EQ(Authenticate("/o/acme"), ErrorCode::kCount);
  EXPECT_EQ(Authenticate("/o/other"), ErrorCode::kInvalidClient);
  EXPECT_EQ(Authenticate("//login.acme.example"), ErrorCode::kInvalidClient);
  EXPECT_EQ(Authenticate(""), ErrorCode::kInvalidClient);
}

TEST_F(Issuers, AFlowIsBoundToTheOneItBeganAt) {
  Move("//login.acme.example");
  const auto step = Authorize("//login.acme.example");
  const auto* record = Awaited<records::CreateDeviceCode>(step);
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->issuer, "https://login.acme.example:8443");
  const auto end = Answered(step, {.code = Code::kOk});
  EXPECT_EQ(std::get<0>(end)->verification_uri, "https://login.acme.example:8443/activate");
}

TEST_F(Issuers, TheKeysOfTheIssuersOwnerSign) {
  records::ClientRow client = world_.rows.clients.front();
  EXPECT_EQ(domain::KeyOwner(client), records::kPlatformOrganizationId);
  client.issuer = "/o/acme";
  EXPECT_EQ(domain::KeyOwner(client), world_.org);
}

TEST_F(Issuers, AnAccessTokenIsGoodAtItsOwnAlone) {
  const auto client = oauth::AuthenticateClient(At(""), world_.ports);
  ASSERT_TRUE(client.ok());
  const oauth::Subject subject{.user_id = world_.user,
                               .email = "alice@acme.example",
                               .grant_id = {},
                               .issuer = world_.settings.public_url,
                               .scope = {},
                               .resource = {},
                               .amr = "pwd",
                               .auth_time = world_.clock.Now(),
                               .grant_expires_at = world_.clock.Now() + std::chrono::hours(9)};
  const auto token = oauth::MakeAccessToken(subject, *client, world_.ports);
  ASSERT_TRUE(token.ok());
  records::AccessTokenRow row;
  row.id = token->record.id;
  row.organization_id = world_.org;
  row.token_hash = token->record.token_hash;
  row.expires_at = token->record.expires_at;
  row.client_row_id = world_.client;
  row.service_id = world_.service;
  row.user_id = world_.user;
  world_.rows.access_tokens.push_back(row);
  EXPECT_TRUE(oauth::GetUser(token->text, "", world_.ports).ok());
  for (const char* other : {"/o/acme", "//login.acme.example"}) {
    EXPECT_EQ(oauth::GetUser(token->text, other, world_.ports).error().code,
              ErrorCode::kInvalidToken);
    EXPECT_EQ(oauth::GetSubscription(token->text, other, world_.ports).error().code,
              ErrorCode::kInvalidToken);
  }
}

TEST_F(Issuers, AUserCodeOfAnotherOrganizationIsAWrongOneThere) {
  auto request = OfLiveUserCode();
  EXPECT_TRUE(oauth::VerifyUserCode(request, world_.ports).ok());
  request.organization = world_.other_org;
  EXPECT_EQ(oauth::VerifyUserCode(request, world_.ports).error().code, ErrorCode::kBadRequest);
}

TEST_F(Issuers, OneOfAnOrganizationNamesItWhileWrongCodesAreMany) {
  auto request = OfLiveUserCode();
  world_.settings.user_code_attempts_global = 0;
  ASSERT_TRUE(oauth::GuessesAreMany(world_.ports));
  EXPECT_TRUE(oauth::VerifyUserCode(request, world_.ports).ok());
  request.organization = std::nullopt;
  EXPECT_EQ(oauth::VerifyUserCode(request, world_.ports).error().code, ErrorCode::kBadRequest);
}

}  // namespace
