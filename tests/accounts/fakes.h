// The ports of the domain in memory, as far as accounts use them: time stands until it is moved,
// nothing is random, every write is carried out by the test.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "oauth/error.h"
#include "oauth/fake_ports.h"
#include "oauth/handle.h"
#include "oauth/ports.h"
#include "records/step.h"

namespace testing_accounts {

inline base::Status Missing() { return {base::Code::kNotFound, "no such row"}; }

class FakeDirectory final : public oauth::Directory {
 public:
  std::vector<records::OrganizationRow> organizations;
  std::vector<records::ServiceRow> services;

  base::Result<const records::OrganizationRow*> FindOrganization(
      records::OrganizationId id) override {
    for (const auto& row : organizations) {
      if (row.id == id) return &row;
    }
    return Missing();
  }
  base::Result<const records::OrganizationRow*> FindOrganizationBySlug(
      std::string_view slug) override {
    for (const auto& row : organizations) {
      if (row.slug == slug) return &row;
    }
    return Missing();
  }
  base::Result<const records::DomainRow*> FindDomain(std::string_view) override {
    return Missing();
  }
  base::Result<const records::ClientRow*> FindClient(std::string_view) override {
    return Missing();
  }
  base::Result<const records::ClientRow*> FindClientByRow(records::OrganizationId,
                                                          records::ClientRowId) override {
    return Missing();
  }
  base::Result<const records::ServiceRow*> FindService(records::OrganizationId org,
                                                       records::ServiceId id) override {
    for (const auto& row : services) {
      if (row.id == id && row.organization_id == org) return &row;
    }
    return Missing();
  }
  base::Result<const records::PlanRow*> FindPlan(records::OrganizationId,
                                                 records::PlanId) override {
    return Missing();
  }
  base::Result<const std::vector<records::SigningKeyRow>*> SigningKeys(
      records::OrganizationId) override {
    return Missing();
  }
};

class FakeReader final : public oauth::Reader {
 public:
  std::vector<records::UserRow> users;
  std::vector<records::SignInRow> sign_ins;
  std::vector<records::PasswordLinkRow> password_links;
  std::vector<records::DeviceCodeRow> device_codes;
  bool is_down = false;

  base::Result<records::UserRow> FindUserByEmail(records::OrganizationId org,
                                                 std::string_view email) override {
    return First(users,
                 [&](const auto& row) { return row.organization_id == org && row.email == email; });
  }
  base::Result<records::SignInRow> FindSignIn(records::OrganizationId org,
                                              records::SignInId id) override {
    return First(sign_ins,
                 [&](const auto& row) { return row.organization_id == org && row.id == id; });
  }
  base::Result<records::PasswordLinkRow> FindPasswordLink(records::PasswordLinkId id) override {
    return First(password_links, [&](const auto& row) { return row.id == id; });
  }
  base::Result<records::UserRow> FindUser(records::OrganizationId org,
                                          records::UserId id) override {
    return First(users,
                 [&](const auto& row) { return row.organization_id == org && row.id == id; });
  }
  base::Result<records::DeviceCodeRow> FindDeviceCode(records::OrganizationId org,
                                                      records::DeviceCodeId id) override {
    return First(device_codes,
                 [&](const auto& row) { return row.organization_id == org && row.id == id; });
  }
  base::Result<records::DeviceCodeRow> FindLiveUserCode(std::string_view user_code) override {
    return First(device_codes, [&](const auto& row) { return row.user_code == user_code; });
  }
  base::Result<records::AccessTokenRow> FindAccessToken(records::AccessTokenId) override {
    return Missing();
  }
  base::Result<records::AccessTokenWithSubscription> FindAccessTokenWithSubscription(
      records::AccessTokenId) override {
    return Missing();
  }
  base::Result<std::optional<records::SubscriptionRow>> FindSubscription(
      records::OrganizationId, records::UserId, records::ServiceId) override {
    return Missing();
  }
  base::Result<records::RefreshTokenRow> FindRefreshToken(records::RefreshTokenId) override {
    return Missing();
  }
  base::Result<bool> IsPlatformOwner(records::UserId) override { return false; }

 private:
  template <class Row, class Fits>
  base::Result<Row> First(const std::vector<Row>& rows, Fits fits) const {
    if (is_down) return base::Status(base::Code::kUnavailable, "the database is not there");
    for (const Row& row : rows) {
      if (fits(row)) return row;
    }
    return Missing();
  }
};

// Not SHA-256, but as different for different inputs as a test needs.
class FakeHashes final : public oauth::Hashes {
 public:
  records::Sha256 Sha256(base::ByteView bytes) const override {
    records::Sha256 hash{};
    for (std::size_t i = 0; i < hash.size(); ++i) {
      hash[i] = static_cast<std::uint8_t>(base::Hash64(base::AsText(bytes), i));
    }
    return hash;
  }
  bool Equal(base::ByteView a, base::ByteView b) const override {
    return base::AsText(a) == base::AsText(b);
  }
  records::Sha256 Hmac(base::ByteView message) const override { return Sha256(message); }
};

class FakeHasher final : public oauth::PasswordHasher {
 public:
  int verifications = 0;
  static std::string HashOf(std::string_view password) {
    return "hash of " + std::string(password);
  }

  base::Result<std::string> Hash(std::string_view password) override { return HashOf(password); }
  bool Verify(std::string_view password, std::string_view password_hash) override {
    ++verifications;
    return password_hash == HashOf(password);
  }
};

// Fixed windows, as the shared table has them.
class FakeRates final : public oauth::RateLimits {
 public:
  bool Take(std::uint64_t key, std::uint32_t limit, base::seconds window,
            base::milliseconds now) override {
    Window& entry = windows_[key];
    if (entry.ends <= now) entry = {.ends = now + window, .count = 0};
    return entry.count++ < limit;
  }
  std::uint32_t Count(std::uint64_t key, base::milliseconds now) override {
    const auto entry = windows_.find(key);
    return entry == windows_.end() || entry->second.ends <= now ? 0 : entry->second.count;
  }

 private:
  struct Window {
    base::milliseconds ends{0};
    std::uint32_t count = 0;
  };
  std::map<std::uint64_t, Window> windows_;
};

struct World {
  World() { settings.public_url = "https://id.example"; }

  base::Settings settings;
  testing_oauth::FakeClock clock;
  FakeDirectory directory;
  FakeReader reader;
  testing_oauth::CountingRandom random;
  testing_oauth::CountingIds ids;
  FakeHashes hashes;
  FakeHasher hasher;
  testing_oauth::FakeSigner signer;
  testing_oauth::FakePolls polls;
  FakeRates guesses;
  FakeRates quotas;
  testing_oauth::FakeAssertions assertions;
  FakeRates used_jtis;
  oauth::Ports ports{.settings = settings,
                     .clock = clock,
                     .directory = directory,
                     .reader = reader,
                     .random = random,
                     .ids = ids,
                     .hashes = hashes,
                     .signer = signer,
                     .polls = polls,
                     .guesses = guesses,
                     .quotas = quotas,
                     .assertions = assertions,
                     .used_jtis = used_jtis};
};

// Ids that tell apart by one byte.
template <class IdType>
IdType MakeId(std::uint8_t number) {
  IdType id;
  id.bytes[15] = number;
  return id;
}

inline records::OrganizationRow Organization(std::uint8_t number, std::string slug) {
  records::OrganizationRow row;
  row.id = MakeId<records::OrganizationId>(number);
  row.name = "The " + slug + " company";
  row.slug = std::move(slug);
  return row;
}

inline records::UserRow User(std::uint8_t number, records::OrganizationId org, std::string email,
                             std::string_view password) {
  records::UserRow row;
  row.id = MakeId<records::UserId>(number);
  row.organization_id = org;
  row.email = std::move(email);
  row.password_hash = FakeHasher::HashOf(password);
  return row;
}

// The step after the writer answered with `code`. The step must be pending.
template <class T>
T Finish(const records::Step<T>& step, base::Code code = base::Code::kOk) {
  const auto& pending = std::get<records::PendingWrite<T>>(step);
  return std::get<T>(pending.then(records::WriteResult{.code = code, .id = {}, .count = 0}));
}

}  // namespace testing_accounts
