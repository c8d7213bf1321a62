// The world of the domain (oauth/world.h) with a password hasher, for the tests of accounts and of
// the pages. Every write is carried out by the test.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "domain/split_token.h"
#include "oauth/world.h"

namespace testing_accounts {

using testing_oauth::MakeId;

class FakeHasher final : public domain::PasswordHasher {
 public:
  int verifications = 0;
  int hashes = 0;
  static std::string HashOf(std::string_view password) {
    return "hash of " + std::string(password);
  }

  base::Result<std::string> Hash(std::string_view password) override {
    ++hashes;
    return HashOf(password);
  }
  bool Verify(std::string_view password, std::string_view password_hash) override {
    ++verifications;
    return password_hash == HashOf(password) || password_hash == ForeignHashOf(password);
  }
  static std::string ForeignHashOf(std::string_view password) {
    return "foreign hash of " + std::string(password);
  }
  bool IsImported(std::string_view password_hash) const override {
    return password_hash.starts_with("foreign hash of ");
  }
  int price = 1;  // of every hash
  int PriceOf(std::string_view) const override { return price; }
  std::optional<std::string> Renew(std::string_view password,
                                   std::string_view password_hash) override {
    if (!IsImported(password_hash)) return std::nullopt;
    return HashOf(password);
  }
};

struct World : testing_oauth::EmptyWorld {
  FakeHasher hasher;
};

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
T Finish(const domain::Step<T>& step, base::Code code = base::Code::kOk) {
  const auto& pending = std::get<domain::PendingWrite<T>>(step);
  return std::get<T>(pending.then(records::WriteResult{.code = code, .id = {}, .count = 0}));
}

}  // namespace testing_accounts
