// Ports of the domain for its tests: time that stands still until told, ids that count, rows in
// maps. The hashes are the real ones. FakeWriter applies the few records the domain sends to the
// same maps.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crypto/crypto.h"
#include "oauth/client_authentication.h"
#include "oauth/error.h"
#include "oauth/ports.h"
#include "records/step.h"

namespace testing_oauth {

using base::Code;
using base::Status;

class FakeClock final : public base::Clock {
 public:
  base::Time Now() const override { return now; }
  base::milliseconds SinceBoot() const override { return since_boot; }
  void Advance(base::milliseconds by) {
    now += by;
    since_boot += by;
  }
  base::Time now = base::FromUnixMillis(1'764'000'000'000);
  base::milliseconds since_boot{1'000'000};
};

class CountingRandom final : public oauth::Random {
 public:
  void Fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = static_cast<std::uint8_t>(next_++ * 37 + 11);
  }

 private:
  unsigned next_ = 1;
};

class CountingIds final : public oauth::Ids {
 public:
  base::IdBytes New() override {
    base::IdBytes bytes{};
    bytes[14] = static_cast<std::uint8_t>(next_ >> 8U);
    bytes[15] = static_cast<std::uint8_t>(next_++);
    return bytes;
  }

 private:
  unsigned next_ = 1;
};

// "header.payload.signature" with the claims that tests look at.
class FakeSigner final : public oauth::TokenSigner {
 public:
  base::Result<std::string> Sign(records::OrganizationId,
                                 const oauth::AccessTokenClaims& claims) override {
    last_access_token = claims;
    const std::string payload = "{\"jti\":\"" + base::Base64UrlEncode(claims.jti.bytes) + "\"}";
    return "e30." + base::Base64UrlEncode(base::AsBytes(payload)) + ".c2ln";
  }
  base::Result<std::string> Sign(records::OrganizationId,
                                 const oauth::IdTokenClaims& claims) override {
    last_id_token = claims;
    return std::string("e30.e30.c2ln");
  }
  std::optional<oauth::AccessTokenClaims> last_access_token;
  std::optional<oauth::IdTokenClaims> last_id_token;
};

class FakePolls final : public oauth::PollTable {
 public:
  Verdict Poll(records::DeviceCodeId, base::seconds, base::milliseconds) override {
    return verdict;
  }
  Verdict verdict;
};

class FakeRates final : public oauth::RateLimits {
 public:
  bool Take(std::uint64_t key, std::uint32_t limit, base::seconds, base::milliseconds) override {
    if (counts[key] >= limit) return false;
    ++counts[key];
    return true;
  }
  std::uint32_t Count(std::uint64_t key, base::milliseconds) override {
    return is_full && counts[key] == 0 ? kNoRoom : counts[key];
  }
  bool is_full = false;
  std::map<std::uint64_t, std::uint32_t> counts;
};

// Assertions by their text, each signed by the keys it names.
class FakeAssertions final : public oauth::AssertionVerifier {
 public:
  base::Result<oauth::AssertionClaims> Read(std::string_view jwt) const override {
    const auto found = claims.find(std::string(jwt));
    if (found == claims.end()) return Status(Code::kInvalid, "not a JWT");
    return found->second;
  }
  bool Verify(std::string_view jwt, std::string_view jwks) const override {
    const auto found = signed_by.find(std::string(jwt));
    return found != signed_by.end() && found->second == jwks;
  }
  std::map<std::string, oauth::AssertionClaims> claims;
  std::map<std::string, std::string> signed_by;
};

// Rows in maps; `down` makes every read kUnavailable.
class FakeRows final : public oauth::Directory, public oauth::Reader {
 public:
  base::Result<const records::ClientRow*> FindClient(std::string_view client_id) override {
    return FindIf(clients, [&](const auto& row) { return row.client_id == client_id; });
  }
  base::Result<const records::ClientRow*> FindClientByRow(records::OrganizationId org,
                                                          records::ClientRowId id) override {
    return FindIf(clients,
                  [&](const auto& row) { return row.id == id && row.organization_id == org; });
  }
  base::Result<const records::OrganizationRow*> FindOrganization(
      records::OrganizationId id) override {
    return FindIf(organizations, [&](const auto& row) { return row.id == id; });
  }
  base::Result<const records::OrganizationRow*> FindOrganizationBySlug(
      std::string_view slug) override {
    return FindIf(organizations, [&](const auto& row) { return row.slug == slug; });
  }
  base::Result<const records::DomainRow*> FindDomain(std::string_view host) override {
    return FindIf(domains, [&](const auto& row) { return row.host == host; });
  }
  base::Result<const records::ServiceRow*> FindService(records::OrganizationId org,
                                                       records::ServiceId id) override {
    return FindIf(services,
                  [&](const auto& row) { return row.id == id && row.organization_id == org; });
  }
  base::Result<const records::PlanRow*> FindPlan(records::OrganizationId org,
                                                 records::PlanId id) override {
    return FindIf(plans,
                  [&](const auto& row) { return row.id == id && row.organization_id == org; });
  }
  base::Result<const std::vector<records::SigningKeyRow>*> SigningKeys(
      records::OrganizationId) override {
    return &signing_keys;
  }
  base::Result<records::DeviceCodeRow> FindDeviceCode(records::OrganizationId org,
                                                      records::DeviceCodeId id) override {
    return Copy(FindIf(
        device_codes, [&](const auto& row) { return row.id == id && row.organization_id == org; }));
  }
  base::Result<records::DeviceCodeRow> FindLiveUserCode(std::string_view user_code) override {
    return Copy(FindIf(device_codes, [&](const auto& row) {
      return row.user_code == user_code && row.state == records::DeviceCodeState::kPending;
    }));
  }
  base::Result<records::AccessTokenRow> FindAccessToken(records::AccessTokenId id) override {
    return Copy(FindIf(access_tokens, [&](const auto& row) { return row.id == id; }));
  }
  base::Result<records::AccessTokenWithSubscription> FindAccessTokenWithSubscription(
      records::AccessTokenId id) override {
    auto token = FindAccessToken(id);
    if (!token.ok()) return token.error();
    auto subscription = FindSubscription(token->organization_id, token->user_id, token->service_id);
    return records::AccessTokenWithSubscription{*token, *subscription};
  }
  base::Result<std::optional<records::SubscriptionRow>> FindSubscription(
      records::OrganizationId org, records::UserId user, records::ServiceId service) override {
    if (down) return Status(Code::kUnavailable, "down");
    for (const auto& row : subscriptions) {
      if (row.organization_id == org && row.user_id == user && row.service_id == service) {
        return std::optional(row);
      }
    }
    return std::optional<records::SubscriptionRow>();
  }
  base::Result<records::RefreshTokenRow> FindRefreshToken(records::RefreshTokenId id) override {
    return Copy(FindIf(refresh_tokens, [&](const auto& row) { return row.id == id; }));
  }
  base::Result<records::UserRow> FindUser(records::OrganizationId org,
                                          records::UserId id) override {
    return Copy(
        FindIf(users, [&](const auto& row) { return row.id == id && row.organization_id == org; }));
  }
  base::Result<records::UserRow> FindUserByEmail(records::OrganizationId org,
                                                 std::string_view email) override {
    return Copy(FindIf(
        users, [&](const auto& row) { return row.email == email && row.organization_id == org; }));
  }
  base::Result<records::SignInRow> FindSignIn(records::OrganizationId, records::SignInId) override {
    return Status(Code::kNotFound, "");
  }
  base::Result<records::PasswordLinkRow> FindPasswordLink(records::PasswordLinkId) override {
    return Status(Code::kNotFound, "");
  }
  base::Result<bool> IsPlatformOwner(records::UserId) override { return false; }

  bool down = false;
  std::vector<records::OrganizationRow> organizations;
  std::vector<records::DomainRow> domains;
  std::vector<records::ServiceRow> services;
  std::vector<records::ClientRow> clients;
  std::vector<records::PlanRow> plans;
  std::vector<records::SigningKeyRow> signing_keys;
  std::vector<records::DeviceCodeRow> device_codes;
  std::vector<records::AccessTokenRow> access_tokens;
  std::vector<records::SubscriptionRow> subscriptions;
  std::vector<records::RefreshTokenRow> refresh_tokens;
  std::vector<records::UserRow> users;

 private:
  template <class Row, class Predicate>
  base::Result<const Row*> FindIf(const std::vector<Row>& rows, Predicate predicate) const {
    if (down) return Status(Code::kUnavailable, "down");
    const auto found = std::find_if(rows.begin(), rows.end(), predicate);
    if (found == rows.end()) return Status(Code::kNotFound, "");
    return &*found;
  }
  template <class Row>
  static base::Result<Row> Copy(const base::Result<const Row*>& found) {
    if (!found.ok()) return found.error();
    return **found;
  }
};

template <class Tag>
base::Id<Tag> IdOf(std::uint8_t n) {
  base::Id<Tag> id;
  id.bytes[0] = n;
  return id;
}

// One organization with one service, a public and a confidential client, and one user.
struct World {
  World() {
    settings.public_url = "https://id.example";
    rows.organizations.push_back(
        {.id = org, .slug = "acme", .name = "Acme", .created_at = {}, .updated_at = {}});
    rows.organizations.push_back(
        {.id = other_org, .slug = "other", .name = "Other", .created_at = {}, .updated_at = {}});
    rows.services.push_back({.id = service,
                             .organization_id = org,
                             .slug = "cli",
                             .name = "CLI",
                             .redirect_uris = {},
                             .device_activation_uri = {},
                             .created_at = {},
                             .resources = "https://api.acme.example\nhttps://files.acme.example"});
    rows.clients.push_back({.id = client,
                            .client_id = "acme-cli",
                            .organization_id = org,
                            .service_id = service,
                            .secret_hash = std::nullopt,
                            .jwks = {},
                            .issuer = {}});
    rows.clients.push_back({.id = confidential_client,
                            .client_id = "acme-daemon",
                            .organization_id = org,
                            .service_id = service,
                            .type = records::ClientType::kConfidential,
                            .secret_hash = hashes.Sha256(base::AsBytes("s3cret")),
                            .jwks = {},
                            .issuer = {}});
    rows.clients.push_back({.id = key_client,
                            .client_id = "acme-sync",
                            .organization_id = org,
                            .service_id = service,
                            .type = records::ClientType::kConfidential,
                            .secret_hash = std::nullopt,
                            .jwks = "the keys of acme-sync",
                            .issuer = {}});
    rows.users.push_back({.id = user,
                          .organization_id = org,
                          .email = "alice@acme.example",
                          .password_hash = {},
                          .unlocked_at = {},
                          .created_at = {},
                          .updated_at = {}});
  }

  static crypto::MasterKey MakeKey(oauth::Random& random);

  base::Settings settings;
  FakeClock clock;
  CountingRandom random;
  CountingIds ids;
  crypto::MasterKey key = MakeKey(random);
  crypto::OpenSslHashes hashes{key};
  FakeRows rows;
  FakeSigner signer;
  FakePolls polls;
  FakeRates guesses;
  FakeRates quotas;
  FakeAssertions assertions;
  FakeRates used_jtis;
  oauth::Ports ports{.settings = settings,
                     .clock = clock,
                     .directory = rows,
                     .reader = rows,
                     .random = random,
                     .ids = ids,
                     .hashes = hashes,
                     .signer = signer,
                     .polls = polls,
                     .guesses = guesses,
                     .quotas = quotas,
                     .assertions = assertions,
                     .used_jtis = used_jtis};

  records::OrganizationId org = IdOf<records::OrganizationTag>(1);
  records::OrganizationId other_org = IdOf<records::OrganizationTag>(2);
  records::ServiceId service = IdOf<records::ServiceTag>(3);
  records::ClientRowId client = IdOf<records::ClientTag>(4);
  records::ClientRowId confidential_client = IdOf<records::ClientTag>(5);
  records::ClientRowId key_client = IdOf<records::ClientTag>(7);
  records::UserId user = IdOf<records::UserTag>(6);
};

inline crypto::MasterKey World::MakeKey(oauth::Random& random) {
  const std::string path = "/tmp/latchkey-test-key-" + std::to_string(::getpid());
  ::unlink(path.c_str());
  auto made = crypto::MasterKey::Create(path, random);
  ::unlink(path.c_str());
  return *made;
}

inline oauth::ClientCredentials Credentials(std::string client_id, std::string secret = {}) {
  oauth::ClientCredentials credentials;
  if (!secret.empty()) credentials.method = oauth::ClientCredentials::Method::kPost;
  credentials.client_id = std::move(client_id);
  credentials.client_secret = std::move(secret);
  return credentials;
}

// The record a step waits to have written, nullptr where it is an answer already.
template <class Record, class T>
const Record* Awaited(const records::Step<T>& step) {
  const auto* pending = std::get_if<records::PendingWrite<T>>(&step);
  return pending == nullptr ? nullptr : std::get_if<Record>(&pending->record);
}

// The step after the writer answered.
template <class T>
records::Step<T> Answered(const records::Step<T>& step, records::WriteResult result) {
  return std::get_if<records::PendingWrite<T>>(&step)->then(result);
}

// The code of the error a step ended with, kCount where it ended well or has not ended.
template <class T>
oauth::ErrorCode ErrorOfStep(const records::Step<oauth::Answer<T>>& step) {
  const auto* answer = std::get_if<oauth::Answer<T>>(&step);
  return answer == nullptr || answer->ok() ? oauth::ErrorCode::kCount : answer->error().code;
}

}  // namespace testing_oauth
