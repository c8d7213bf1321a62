// Every port of the domain together: what a test needs to call it. The hashes are the real ones.
#pragma once

#include <unistd.h>

#include <string>

#include "crypto/crypto.h"
#include "oauth/clients/client_authentication.h"
#include "oauth/fake_ports.h"
#include "oauth/fake_rows.h"
#include "oauth/steps.h"

namespace testing_oauth {

inline crypto::MasterKey MakeMasterKey(domain::Random& random) {
  const std::string path = "/tmp/latchkey-test-key-" + std::to_string(::getpid());
  ::unlink(path.c_str());
  auto made = crypto::MasterKey::Create(path, random);
  ::unlink(path.c_str());
  return *made;
}

// Nobody is there yet.
struct EmptyWorld {
  EmptyWorld() { settings.public_url = "https://id.example"; }
  EmptyWorld(const EmptyWorld&) = delete;  // `ports` refers to its own
  EmptyWorld& operator=(const EmptyWorld&) = delete;

  base::Settings settings;
  FakeClock clock;
  CountingRandom random;
  CountingIds ids;
  crypto::MasterKey key = MakeMasterKey(random);
  crypto::OpenSslHashes hashes{key};
  FakeRows rows;
  FakeSigner signer;
  FakePolls polls;
  FakeLimits limits;
  FakeAssertions assertions;
  FakeUsedTexts used_jtis;
  domain::Ports ports{.settings = settings,
                      .clock = clock,
                      .directory = rows,
                      .reader = rows,
                      .random = random,
                      .ids = ids,
                      .hashes = hashes,
                      .signer = signer,
                      .polls = polls,
                      .limits = limits,
                      .assertions = assertions,
                      .used_jtis = used_jtis};
};

// One organization with one service, a public and a confidential client, and one user.
struct World : EmptyWorld {
  World() {
    rows.organizations.push_back(
        {.id = org, .slug = "acme", .name = "Acme", .created_at = {}, .updated_at = {}});
    rows.organizations.push_back(
        {.id = other_org, .slug = "other", .name = "Other", .created_at = {}, .updated_at = {}});
    rows.services.push_back({.id = service,
                             .organization_id = org,
                             .slug = "cli",
                             .name = "CLI",
                             .created_at = {},
                             .resources = "https://api.acme.example\nhttps://files.acme.example"});
    rows.clients.push_back({.id = client,
                            .client_id = "acme-cli",
                            .organization_id = org,
                            .service_id = service,
                            .secret_hash = std::nullopt,
                            .jwks = {},
                            .issuer = {},
                            .default_scope = {},
                            .allowed_scope = {}});
    rows.clients.push_back({.id = confidential_client,
                            .client_id = "acme-daemon",
                            .organization_id = org,
                            .service_id = service,
                            .type = records::ClientType::kConfidential,
                            .secret_hash = hashes.Sha256(base::AsBytes("s3cret")),
                            .jwks = {},
                            .issuer = {},
                            .default_scope = {},
                            .allowed_scope = {}});
    rows.clients.push_back({.id = key_client,
                            .client_id = "acme-sync",
                            .organization_id = org,
                            .service_id = service,
                            .type = records::ClientType::kConfidential,
                            .secret_hash = std::nullopt,
                            .jwks = "the keys of acme-sync",
                            .issuer = {},
                            .default_scope = {},
                            .allowed_scope = {}});
    rows.users.push_back({.id = user,
                          .organization_id = org,
                          .email = "alice@acme.example",
                          .password_hash = {},
                          .unlocked_at = {},
                          .created_at = {},
                          .updated_at = {}});
  }

  records::OrganizationId org = MakeId<records::OrganizationId>(1);
  records::OrganizationId other_org = MakeId<records::OrganizationId>(2);
  records::ServiceId service = MakeId<records::ServiceId>(3);
  records::ClientRowId client = MakeId<records::ClientRowId>(4);
  records::ClientRowId confidential_client = MakeId<records::ClientRowId>(5);
  records::ClientRowId key_client = MakeId<records::ClientRowId>(7);
  records::UserId user = MakeId<records::UserId>(6);
};

inline oauth::ClientCredentials Credentials(std::string client_id, std::string secret = {}) {
  oauth::ClientCredentials credentials;
  if (!secret.empty()) credentials.method = oauth::ClientCredentials::Method::kPost;
  credentials.client_id = std::move(client_id);
  credentials.client_secret = std::move(secret);
  return credentials;
}

}  // namespace testing_oauth
