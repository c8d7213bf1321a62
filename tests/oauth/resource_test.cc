#include "oauth/resource.h"

#include <gtest/gtest.h>

#include "oauth/bearer.h"
#include "oauth/device/device_flow.h"
#include "oauth/world.h"

namespace {

using namespace testing_oauth;
using domain::ErrorCode;

constexpr char kApi[] = "https://api.acme.example";
constexpr char kFiles[] = "https://files.acme.example";

class Resource : public testing::Test {
 protected:
  const records::ServiceRow& service() { return world_.rows.services[0]; }
  World world_;
};

TEST_F(Resource, IsGrantedWhereTheServiceListsIt) {
  EXPECT_EQ(*oauth::GrantResource("", service()), "");
  EXPECT_EQ(*oauth::GrantResource(kApi, service()), kApi);
  EXPECT_EQ(*oauth::GrantResource(kFiles, service()), kFiles);
  for (const char* other : {"https://api.acme.example/", "https://api.acme", "https://evil.example",
                            "https://api.acme.example\nhttps://files.acme.example"}) {
    const auto granted = oauth::GrantResource(other, service());
    ASSERT_FALSE(granted.ok()) << other;
    EXPECT_EQ(granted.error().code, ErrorCode::kInvalidTarget);
  }
}

TEST_F(Resource, OfAGrantCannotBeExchangedForAnother) {
  EXPECT_EQ(*oauth::NarrowResource("", kApi, service()), kApi);
  EXPECT_EQ(*oauth::NarrowResource(kApi, kApi, service()), kApi);
  EXPECT_EQ(oauth::NarrowResource(kFiles, kApi, service()).error().code, ErrorCode::kInvalidTarget);
  EXPECT_EQ(*oauth::NarrowResource(kFiles, "", service()), kFiles) << "the grant names none";
  world_.rows.services[0].resources = kFiles;
  EXPECT_EQ(oauth::NarrowResource(kApi, kApi, service()).error().code, ErrorCode::kInvalidTarget);
  EXPECT_EQ(oauth::NarrowResource("", kApi, service()).error().code, ErrorCode::kInvalidTarget)
      << "not asked for again, and gone from the service all the same";
}

TEST_F(Resource, IsKeptWithTheCodeAndRefusedBeforeOneIsMade) {
  oauth::DeviceAuthorizationRequest request{.request_id = MakeId<records::RecordId>(9),
                                            .credentials = Credentials("acme-cli"),
                                            .org = {},
                                            .service = {},
                                            .scope = {},
                                            .resource = kApi,
                                            .address = "192.0.2.1",
                                            .device_name = {}};
  const auto step = oauth::AuthorizeDevice(request, world_.ports);
  const auto* record = Awaited<records::CreateDeviceCode>(step);
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->resource, kApi);
  request.resource = "https://evil.example";
  EXPECT_EQ(ErrorOfStep(oauth::AuthorizeDevice(request, world_.ports)), ErrorCode::kInvalidTarget);
}

TEST_F(Resource, IsTheWholeAudienceOfItsToken) {
  domain::Secret secret{};
  records::DeviceCodeRow row;
  row.id = MakeId<records::DeviceCodeId>(20);
  row.organization_id = world_.org;
  row.client_row_id = world_.client;
  row.service_id = world_.service;
  row.secret_hash = world_.hashes.Sha256(secret);
  row.issuer = world_.settings.public_url;
  row.state = records::DeviceCodeState::kApproved;
  row.expires_at = world_.clock.Now() + std::chrono::seconds(900);
  row.user_id = world_.user;
  const auto redeem = [&](const std::string& granted, const std::string& requested) {
    row.resource = granted;
    world_.rows.device_codes = {row};
    return oauth::RedeemDevice({.request_id = MakeId<records::RecordId>(8),
                                .credentials = Credentials("acme-cli"),
                                .device_code = domain::EncodeSplitToken(row.id, secret),
                                .resource = requested,
                                .address = "192.0.2.1",
                                .received_at = world_.clock.Now()},
                               world_.ports);
  };
  const auto limited = redeem(kApi, "");
  const auto* record = Awaited<records::RedeemDeviceCode>(limited);
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->access_token.resource, kApi);
  EXPECT_EQ(record->grant.resource, kApi);
  EXPECT_EQ(world_.signer.last_access_token->aud, std::vector<std::string>{kApi});

  const auto chosen = redeem("", kFiles);
  record = Awaited<records::RedeemDeviceCode>(chosen);
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->access_token.resource, kFiles);
  EXPECT_EQ(record->grant.resource, "") << "the next token may be for another";

  EXPECT_EQ(ErrorOfStep(redeem(kApi, kFiles)), ErrorCode::kInvalidTarget);
  ASSERT_NE(Awaited<records::RedeemDeviceCode>(redeem("", "")), nullptr);
  EXPECT_EQ(world_.signer.last_access_token->aud.front(), world_.settings.public_url);
}

TEST_F(Resource, TokenOfAnotherApiIsNoGoodHere) {
  domain::AccessTokenClaims claims;
  claims.jti = MakeId<records::AccessTokenId>(40);
  const std::string token = *world_.signer.Sign(world_.org, claims);
  records::AccessTokenRow row;
  row.id = claims.jti;
  row.organization_id = world_.org;
  row.token_hash = world_.hashes.Sha256(base::AsBytes(token));
  row.expires_at = world_.clock.Now() + std::chrono::seconds(60);
  row.client_row_id = world_.client;
  row.service_id = world_.service;
  row.user_id = world_.user;
  world_.rows.access_tokens = {row};
  EXPECT_TRUE(oauth::GetUser(token, "", world_.ports).ok());
  world_.rows.access_tokens[0].resource = kApi;
  EXPECT_EQ(oauth::GetUser(token, "", world_.ports).error().code, ErrorCode::kInvalidToken);
  EXPECT_EQ(ErrorOfStep(oauth::Logout(token, "", MakeId<records::RecordId>(1), world_.ports)),
            ErrorCode::kInvalidToken);
}

}  // namespace
