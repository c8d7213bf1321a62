#include "store/conformance.h"

namespace store_test {
namespace {

using records::SigningKeyState;

class DirectoryRows : public StoreConformance {
 protected:
  records::RecordId NewRecord() { return s.ids.Make<records::RecordId>(); }
  records::OrganizationId AcmeId() { return acme.organization.row.id; }
  records::DeleteOrganization Deletion(records::OrganizationId org) {
    return {.record_id = NewRecord(), .organization_id = org};
  }
  records::DeleteService Deletion(const records::CreateService& service) {
    return {.record_id = NewRecord(),
            .service_id = service.row.id,
            .organization_id = service.row.organization_id,
            .deleted_at = kNow};
  }
  records::DeletePlan Deletion(const records::CreatePlan& plan) {
    return {.record_id = NewRecord(),
            .plan_id = plan.row.id,
            .organization_id = plan.row.organization_id};
  }
  records::UpdateService Update(const records::CreateService& service) {
    return {.record_id = NewRecord(),
            .service_id = service.row.id,
            .organization_id = service.row.organization_id,
            .name = {},
            .access_token_lifetime_s = {},
            .client_disabled = {},
            .refresh_token_allowed = {},
            .client_secret_hash = {},
            .resources = {},
            .client_jwks = {},
            .default_scope = {},
            .allowed_scope = {}};
  }
  records::UpdatePlan Update(const records::CreatePlan& plan) {
    return {.record_id = NewRecord(),
            .plan_id = plan.row.id,
            .organization_id = plan.row.organization_id,
            .name = {},
            .price_cents = {},
            .currency = {},
            .features = {}};
  }
  records::DeleteSubscription DeletionOfSubscription() {
    return {.record_id = NewRecord(),
            .organization_id = AcmeId(),
            .user_id = acme.user.row.id,
            .service_id = acme.service.row.id};
  }
  records::PromoteSigningKey Promotion(const records::CreateSigningKey& key) {
    return {.record_id = NewRecord(),
            .signing_key_id = key.row.id,
            .organization_id = key.row.organization_id,
            .promoted_at = kNow,
            .retire_at = kNow + hours(2)};
  }
};
INSTANTIATE_FOR_EACH_STORE(DirectoryRows);

TEST_P(DirectoryRows, ThePlatformIsThereFromTheStart) {
  const auto platform = directory().FindOrganizationBySlug("platform");
  ASSERT_TRUE(platform.ok());
  EXPECT_EQ((*platform)->id, records::kPlatformOrganizationId);
  EXPECT_EQ((*platform)->status, records::OrganizationStatus::kActive);
  EXPECT_EQ(Try(Deletion(records::kPlatformOrganizationId)), Code::kDenied);
  EXPECT_TRUE(directory().FindOrganization(records::kPlatformOrganizationId).ok());
}

TEST_P(DirectoryRows, AnOrganizationIsFoundByIdAndBySlug) {
  const auto row = directory().FindOrganization(AcmeId());
  ASSERT_TRUE(row.ok());
  EXPECT_EQ((*row)->slug, "acme");
  EXPECT_EQ((*row)->name, acme.organization.row.name);
  EXPECT_EQ((*row)->created_at, acme.organization.row.created_at);
  EXPECT_EQ((*directory().FindOrganizationBySlug("acme"))->id, AcmeId());
  EXPECT_EQ(directory().FindOrganizationBySlug("nobody").status().code(), Code::kNotFound);
}

TEST_P(DirectoryRows, ASlugIsTakenOnce) {
  EXPECT_EQ(Try(acme.organization), Code::kOk) << "the same record again";
  EXPECT_EQ(Try(s.Organization("acme")), Code::kExists);
}

TEST_P(DirectoryRows, AnOrganizationIsSuspendedAndRenamed) {
  records::UpdateOrganization update{.record_id = NewRecord(),
                                     .organization_id = AcmeId(),
                                     .name = std::nullopt,
                                     .status = records::OrganizationStatus::kSuspended,
                                     .updated_at = kNow + minutes(1)};
  EXPECT_EQ(Try(update), Code::kOk);
  const auto row = directory().FindOrganization(AcmeId());
  EXPECT_EQ((*row)->status, records::OrganizationStatus::kSuspended);
  EXPECT_EQ((*row)->name, acme.organization.row.name);
  EXPECT_EQ((*row)->updated_at, update.updated_at);
  update.organization_id = s.ids.Make<records::OrganizationId>();
  EXPECT_EQ(Try(update), Code::kNotFound);
}

TEST_P(DirectoryRows, AnOrganizationGoesWhenItIsEmpty) {
  const auto org = s.Organization("short-lived");
  const auto key = s.SigningKey(org.row.id, "k1", SigningKeyState::kCurrent);
  EXPECT_EQ(Try(org), Code::kOk);
  EXPECT_EQ(Try(key), Code::kOk);
  EXPECT_EQ(Try(Deletion(AcmeId())), Code::kConflict);
  const auto deletion = Deletion(org.row.id);
  EXPECT_EQ(Try(deletion), Code::kOk);
  EXPECT_EQ(Try(deletion), Code::kOk) << "the same record again";
  EXPECT_EQ(Try(Deletion(org.row.id)), Code::kNotFound);
  EXPECT_FALSE(directory().FindOrganization(org.row.id).ok());
  EXPECT_TRUE((*directory().SigningKeys(org.row.id))->empty());
  EXPECT_EQ(Try(s.Organization("short-lived")), Code::kOk) << "the slug is free again";
}

TEST_P(DirectoryRows, ADomainIsOneOrganizations) {
  const records::CreateDomain domain{
      .record_id = NewRecord(), .row = {.host = "login.acme.example", .organization_id = AcmeId()}};
  EXPECT_EQ(Try(domain), Code::kOk);
  EXPECT_EQ(Try(domain), Code::kOk) << "the same record again";
  const auto row = directory().FindDomain("login.acme.example");
  ASSERT_TRUE(row.ok());
  EXPECT_EQ((*row)->organization_id, AcmeId());
  EXPECT_EQ((*row)->Issuer(), "//login.acme.example");
  EXPECT_EQ(directory().FindDomain("acme.example").status().code(), Code::kNotFound);
  records::CreateDomain taken = domain;
  taken.record_id = NewRecord();
  taken.row.organization_id = globex.organization.row.id;
  EXPECT_EQ(Try(taken), Code::kExists);
  taken.row.organization_id = s.ids.Make<records::OrganizationId>();
  EXPECT_EQ(Try(taken), Code::kNotFound) << "no such organization";
}

TEST_P(DirectoryRows, ADomainGoesUnlessAClientBelongsToIt) {
  const auto org = s.Organization("short-lived");
  records::CreateDomain domain{
      .record_id = NewRecord(),
      .row = {.host = "login.short.example", .organization_id = org.row.id}};
  EXPECT_EQ(Try(org), Code::kOk);
  EXPECT_EQ(Try(domain), Code::kOk);
  auto service = s.Service(org.row.id, "app", "short-app");
  service.client.issuer = "//login.short.example";
  EXPECT_EQ(Try(service), Code::kOk);
  const auto deletion = [&](records::OrganizationId owner) {
    return records::DeleteDomain{
        .record_id = NewRecord(), .organization_id = owner, .host = "login.short.example"};
  };
  EXPECT_EQ(Try(deletion(org.row.id)), Code::kConflict);
  EXPECT_EQ(Try(Deletion(service)), Code::kOk);
  EXPECT_EQ(Try(deletion(AcmeId())), Code::kNotFound) << "another organization's";
  const auto last = deletion(org.row.id);
  EXPECT_EQ(Try(last), Code::kOk);
  EXPECT_EQ(Try(last), Code::kOk) << "the same record again";
  EXPECT_EQ(directory().FindDomain("login.short.example").status().code(), Code::kNotFound);
  domain.record_id = NewRecord();
  EXPECT_EQ(Try(domain), Code::kOk) << "the host is free again";
  EXPECT_EQ(Try(Deletion(org.row.id)), Code::kOk);
  EXPECT_FALSE(directory().FindDomain("login.short.example").ok()) << "with its organization";
}

TEST_P(DirectoryRows, AClientKeepsItsIssuer) {
  auto service = s.Service(AcmeId(), "own", "acme-own");
  service.client.issuer = "//login.globex.example";
  EXPECT_EQ(Try(service), Code::kNotFound) << "not a domain of this organization";
  EXPECT_EQ(Try(records::CreateDomain{.record_id = NewRecord(),
                                      .row = {.host = "login.globex.example",
                                              .organization_id = globex.organization.row.id}}),
            Code::kOk);
  EXPECT_EQ(Try(service), Code::kNotFound) << "another organization's";
  for (const char* none : {"/o/globex", "/o/acm", "/o/", "acme", "//", "https://acme.example"}) {
    service.client.issuer = none;
    EXPECT_EQ(Try(service), Code::kNotFound) << none;
  }
  service.client.issuer = "/o/acme";
  EXPECT_EQ(Try(service), Code::kOk);
  EXPECT_EQ((*directory().FindClient("acme-own"))->issuer, "/o/acme");
}

// Its keys sign for public_url and nothing else.
TEST_P(DirectoryRows, ThePlatformHasNoIssuerOfItsOwn) {
  EXPECT_EQ(
      Try(records::CreateDomain{.record_id = NewRecord(),
                                .row = {.host = "login.platform.example",
                                        .organization_id = records::kPlatformOrganizationId}}),
      Code::kDenied);
  auto service = s.Service(records::kPlatformOrganizationId, "own", "platform-own");
  service.client.issuer = "/o/platform";
  EXPECT_EQ(Try(service), Code::kNotFound);
  service.client.issuer = {};
  EXPECT_EQ(Try(service), Code::kOk);
}

TEST_P(DirectoryRows, AServiceComesWithItsClient) {
  const auto& made = acme.service;
  const auto service = directory().FindService(AcmeId(), made.row.id);
  ASSERT_TRUE(service.ok());
  EXPECT_EQ((*service)->slug, made.row.slug);
  EXPECT_EQ((*service)->name, made.row.name);
  EXPECT_EQ((*service)->access_token_lifetime_s, made.row.access_token_lifetime_s);
  const auto client = directory().FindClient(made.client.client_id);
  ASSERT_TRUE(client.ok());
  EXPECT_EQ((*client)->id, made.client.id);
  EXPECT_EQ((*client)->organization_id, AcmeId());
  EXPECT_EQ((*client)->service_id, made.row.id);
  EXPECT_EQ((*client)->type, made.client.type);
  EXPECT_FALSE((*client)->secret_hash.has_value());
  EXPECT_TRUE((*client)->refresh_token_allowed);
  EXPECT_FALSE((*client)->disabled);
  EXPECT_EQ((*client)->default_scope, made.client.default_scope);
  EXPECT_EQ((*client)->allowed_scope, made.client.allowed_scope);
  EXPECT_EQ((*directory().FindClientByRow(AcmeId(), made.client.id))->client_id,
            made.client.client_id);
}

TEST_P(DirectoryRows, OfOneOrganizationAreNotAnothers) {
  const auto other = globex.organization.row.id;
  EXPECT_EQ(directory().FindService(other, acme.service.row.id).status().code(), Code::kNotFound);
  EXPECT_EQ(directory().FindClientByRow(other, acme.service.client.id).status().code(),
            Code::kNotFound);
  EXPECT_EQ(directory().FindPlan(other, acme.plan.row.id).status().code(), Code::kNotFound);
}

TEST_P(DirectoryRows, ServiceSlugsAreAnOrganizationsAndClientIdsTheServers) {
  EXPECT_EQ(acme.service.row.slug, globex.service.row.slug);
  EXPECT_EQ(Try(acme.service), Code::kOk) << "the same record again";
  EXPECT_EQ(Try(s.Service(AcmeId(), "cli", "acme-other")), Code::kExists);
  EXPECT_EQ(Try(s.Service(AcmeId(), "web", "globex-cli")), Code::kExists);
  EXPECT_EQ(Try(s.Service(s.ids.Make<records::OrganizationId>(), "web", "web")), Code::kNotFound);
  EXPECT_EQ(directory().FindClient("acme-other").status().code(), Code::kNotFound);
}

TEST_P(DirectoryRows, AServiceIsUpdatedInTheMembersThatArePresent) {
  auto update = Update(acme.service);
  update.name = "New name";
  update.access_token_lifetime_s = 86400;
  update.client_disabled = true;
  update.client_secret_hash = s.ids.Hash();
  update.default_scope = "email";
  update.allowed_scope = "openid email";
  EXPECT_EQ(Try(update), Code::kOk);
  const auto service = directory().FindService(AcmeId(), acme.service.row.id);
  EXPECT_EQ((*service)->name, "New name");
  EXPECT_EQ((*service)->access_token_lifetime_s, 86400);
  const auto client = directory().FindClient(acme.service.client.client_id);
  EXPECT_TRUE((*client)->disabled);
  EXPECT_TRUE((*client)->refresh_token_allowed);
  EXPECT_EQ((*client)->secret_hash, update.client_secret_hash);
  EXPECT_EQ((*client)->default_scope, "email");
  EXPECT_EQ((*client)->allowed_scope, "openid email");
  EXPECT_FALSE((*directory().FindClient(globex.service.client.client_id))->disabled);
  auto foreign = Update(acme.service);
  foreign.organization_id = globex.organization.row.id;
  foreign.name = "Stolen";
  EXPECT_EQ(Try(foreign), Code::kNotFound);
}

TEST_P(DirectoryRows, ASecretEndsTheKeysOfAClientAndKeysEndItsSecret) {
  const auto client = [&] { return **directory().FindClient(acme.service.client.client_id); };
  auto update = Update(acme.service);
  update.client_jwks = R"({"keys":[]})";
  EXPECT_EQ(Try(update), Code::kOk);
  EXPECT_EQ(client().jwks, *update.client_jwks);
  EXPECT_EQ(client().secret_hash, std::nullopt);
  auto rename = Update(acme.service);
  rename.name = "New name";
  rename.resources = "https://api.acme.example";
  EXPECT_EQ(Try(rename), Code::kOk);
  EXPECT_EQ(client().jwks, *update.client_jwks) << "what is not named stays";
  EXPECT_EQ((*directory().FindService(AcmeId(), acme.service.row.id))->resources,
            *rename.resources);
  auto secret = Update(acme.service);
  secret.client_secret_hash = s.ids.Hash();
  EXPECT_EQ(Try(secret), Code::kOk);
  EXPECT_EQ(client().jwks, "");
  EXPECT_EQ(client().secret_hash, secret.client_secret_hash);
}

TEST_P(DirectoryRows, AServiceGoesWithItsClientsAndGrantsWhenNothingHangsOnIt) {
  const auto grant = Grant();
  EXPECT_EQ(Try(Deletion(acme.service)), Code::kConflict) << "a plan and a subscription";
  EXPECT_EQ(Try(Deletion(acme.plan)), Code::kConflict) << "a subscription";
  EXPECT_EQ(Try(DeletionOfSubscription()), Code::kOk);
  EXPECT_EQ(Try(Deletion(acme.service)), Code::kConflict) << "a plan";
  EXPECT_EQ(Try(Deletion(acme.plan)), Code::kOk);
  auto foreign = Deletion(acme.service);
  foreign.organization_id = globex.organization.row.id;
  EXPECT_EQ(Try(foreign), Code::kNotFound);
  const auto deletion = Deletion(acme.service);
  EXPECT_EQ(Try(deletion), Code::kOk);
  EXPECT_EQ(Try(deletion), Code::kOk) << "the same record again";
  EXPECT_FALSE(directory().FindService(AcmeId(), acme.service.row.id).ok());
  EXPECT_FALSE(directory().FindClient(acme.service.client.client_id).ok());
  EXPECT_FALSE(directory().FindClientByRow(AcmeId(), acme.service.client.id).ok());
  EXPECT_TRUE(reader().FindAccessToken(grant.access_token.id)->grant_revoked);
  EXPECT_EQ(Try(s.Service(AcmeId(), "cli", "acme-cli")), Code::kOk) << "the names are free again";
}

TEST_P(DirectoryRows, APlanBelongsToAService) {
  const auto plan = directory().FindPlan(AcmeId(), acme.plan.row.id);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ((*plan)->service_id, acme.service.row.id);
  EXPECT_EQ((*plan)->name, acme.plan.row.name);
  EXPECT_EQ((*plan)->price_cents, acme.plan.row.price_cents);
  EXPECT_EQ((*plan)->currency, acme.plan.row.currency);
  EXPECT_EQ((*plan)->features, acme.plan.row.features);
  EXPECT_EQ(Try(acme.plan), Code::kOk) << "the same record again";
  EXPECT_EQ(Try(s.Plan(acme.service, "pro")), Code::kExists);
  auto of_no_service = s.Plan(acme.service, "other");
  of_no_service.row.service_id = globex.service.row.id;
  EXPECT_EQ(Try(of_no_service), Code::kNotFound);
}

TEST_P(DirectoryRows, APlanIsUpdatedAndDeleted) {
  const auto basic = s.Plan(acme.service, "basic");
  EXPECT_EQ(Try(basic), Code::kOk);
  auto update = Update(basic);
  update.price_cents = 100;
  EXPECT_EQ(Try(update), Code::kOk);
  auto taken = Update(basic);
  taken.name = "pro";
  EXPECT_EQ(Try(taken), Code::kExists);
  EXPECT_EQ((*directory().FindPlan(AcmeId(), basic.row.id))->price_cents, 100);
  EXPECT_EQ((*directory().FindPlan(AcmeId(), basic.row.id))->name, "basic");
  auto foreign = Update(basic);
  foreign.organization_id = globex.organization.row.id;
  foreign.price_cents = 0;
  EXPECT_EQ(Try(foreign), Code::kNotFound);
  const auto deletion = Deletion(basic);
  EXPECT_EQ(Try(deletion), Code::kOk);
  EXPECT_EQ(Try(deletion), Code::kOk) << "the same record again";
  EXPECT_EQ(Try(Deletion(basic)), Code::kNotFound);
}

TEST_P(DirectoryRows, KeysOfAnIssuerComeNewestFirst) {
  const auto first = s.SigningKey(AcmeId(), "k1", SigningKeyState::kCurrent);
  const auto second = s.SigningKey(AcmeId(), "k2", SigningKeyState::kNext);
  const auto others = s.SigningKey(globex.organization.row.id, "k1", SigningKeyState::kCurrent);
  for (const auto& key : {first, second, others}) EXPECT_EQ(Try(key), Code::kOk);
  EXPECT_EQ(Try(first), Code::kOk) << "the same record again";
  const auto keys = directory().SigningKeys(AcmeId());
  ASSERT_TRUE(keys.ok());
  ASSERT_EQ((*keys)->size(), 2U);
  const records::SigningKeyRow& newest = (*keys)->front();
  EXPECT_EQ(newest.id, second.row.id);
  EXPECT_EQ(newest.organization_id, AcmeId());
  EXPECT_EQ(newest.kid, "k2");
  EXPECT_EQ(newest.algorithm, second.row.algorithm);
  EXPECT_EQ(newest.state, SigningKeyState::kNext);
  EXPECT_EQ(newest.public_key, second.row.public_key);
  EXPECT_EQ(newest.wrapped_private_key, second.row.wrapped_private_key);
  EXPECT_EQ(newest.created_at, second.row.created_at);
}

TEST_P(DirectoryRows, AnIssuerHasOneCurrentKeyOfAnAlgorithm) {
  EXPECT_EQ(Try(s.SigningKey(AcmeId(), "k1", SigningKeyState::kCurrent)), Code::kOk);
  EXPECT_EQ(Try(s.SigningKey(AcmeId(), "k1", SigningKeyState::kNext)), Code::kExists);
  EXPECT_EQ(Try(s.SigningKey(AcmeId(), "k2", SigningKeyState::kCurrent)), Code::kExists);
  auto of_another_algorithm = s.SigningKey(AcmeId(), "k3", SigningKeyState::kCurrent);
  of_another_algorithm.row.algorithm = records::SigningAlgorithm::kRs256;
  EXPECT_EQ(Try(of_another_algorithm), Code::kOk);
}

TEST_P(DirectoryRows, APromotedKeyRetiresTheFormer) {
  const auto first = s.SigningKey(AcmeId(), "k1", SigningKeyState::kCurrent);
  const auto second = s.SigningKey(AcmeId(), "k2", SigningKeyState::kNext);
  EXPECT_EQ(Try(first), Code::kOk);
  EXPECT_EQ(Try(second), Code::kOk);
  EXPECT_EQ(Try(Promotion(first)), Code::kConflict) << "current already";
  auto foreign = Promotion(second);
  foreign.organization_id = globex.organization.row.id;
  EXPECT_EQ(Try(foreign), Code::kNotFound);
  const auto promotion = Promotion(second);
  EXPECT_EQ(Try(promotion), Code::kOk);
  EXPECT_EQ(Try(promotion), Code::kOk) << "the same record again";
  EXPECT_EQ(Try(Promotion(second)), Code::kConflict);
  const auto& keys = **directory().SigningKeys(AcmeId());
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0].state, SigningKeyState::kCurrent);
  EXPECT_EQ(keys[1].state, SigningKeyState::kRetired);
  EXPECT_EQ(keys[1].retire_at, promotion.retire_at);
}

TEST_P(DirectoryRows, AKeyGoesUnlessItSigns) {
  const auto current = s.SigningKey(AcmeId(), "k1", SigningKeyState::kCurrent);
  const auto next = s.SigningKey(AcmeId(), "k2", SigningKeyState::kNext);
  EXPECT_EQ(Try(current), Code::kOk);
  EXPECT_EQ(Try(next), Code::kOk);
  const auto deletion = [this](const records::CreateSigningKey& key) {
    return records::DeleteSigningKey{.record_id = NewRecord(),
                                     .signing_key_id = key.row.id,
                                     .organization_id = key.row.organization_id};
  };
  EXPECT_EQ(Try(deletion(current)), Code::kConflict);
  auto foreign = deletion(next);
  foreign.organization_id = globex.organization.row.id;
  EXPECT_EQ(Try(foreign), Code::kNotFound);
  EXPECT_EQ(Try(Promotion(next)), Code::kOk);
  const auto of_retired = deletion(current);
  EXPECT_EQ(Try(of_retired), Code::kOk);
  EXPECT_EQ(Try(of_retired), Code::kOk) << "the same record again";
  EXPECT_EQ(Try(deletion(current)), Code::kNotFound);
  const auto& keys = **directory().SigningKeys(AcmeId());
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0].kid, "k2");
}

TEST_P(DirectoryRows, AProbeIsNeverRefused) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Try(records::Probe{.record_id = NewRecord(), .probed_at = kNow}), Code::kOk);
  }
}

TEST_P(DirectoryRows, ARecordThatFailsDoesNotFailItsBatch) {
  const auto first = ApprovedCode();
  const auto second = ApprovedCode();
  const auto third = ApprovedCode();
  const auto good = s.Redemption(acme, first);
  auto bad = s.Redemption(acme, second);
  bad.access_token.id = good.access_token.id;  // found out after the grant is in
  const auto later = s.Redemption(acme, third);
  const auto pending = s.DeviceCode(acme);
  const auto results = Batch({pending, good, bad, later});
  EXPECT_EQ(results[0].code, Code::kOk);
  EXPECT_EQ(results[1].code, Code::kOk);
  EXPECT_EQ(results[2].code, Code::kExists);
  EXPECT_EQ(results[3].code, Code::kOk);
  EXPECT_TRUE(reader().FindLiveUserCode(pending.user_code).ok());
  EXPECT_EQ(reader().FindAccessToken(good.access_token.id)->token_hash,
            good.access_token.token_hash);
  EXPECT_TRUE(reader().FindAccessToken(later.access_token.id).ok());
  EXPECT_EQ(reader().FindDeviceCode(second.organization_id, second.device_code_id)->state,
            records::DeviceCodeState::kApproved)
      << "nothing of the failed record stays";
  EXPECT_EQ(Try(s.Redemption(acme, second)), Code::kOk);
}

TEST_P(DirectoryRows, AnEmptyBatchIsNothing) { EXPECT_TRUE(Batch({}).empty()); }

}  // namespace
}  // namespace store_test
