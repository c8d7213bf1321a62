// Complete records for tests and the bench, each with ids of its own unless set. Times are near
// kNow.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "domain/ports/batch_applier.h"
#include "records/writes.h"

namespace store_test {

using base::Time;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

inline constexpr Time kNow{milliseconds(1'790'000'000'000)};

// A clock that stands until a test moves it.
class FakeClock final : public base::Clock {
 public:
  Time Now() const override { return now; }
  milliseconds SinceBoot() const override { return now.time_since_epoch(); }
  Time now = kNow;
};

// Ids as UUIDv7 has them: 48 bits of time in front, then a counter.
class SampleIds {
 public:
  template <class IdType>
  IdType Make(Time at = kNow) {
    IdType id;
    std::uint64_t ms = static_cast<std::uint64_t>(base::ToUnixMillis(at));
    for (int i = 5; i >= 0; --i, ms >>= 8) id.bytes[static_cast<std::size_t>(i)] = ms & 0xff;
    id.bytes[6] = 0x70;
    std::uint64_t n = ++counter_;
    for (int i = 15; i >= 8; --i, n >>= 8) id.bytes[static_cast<std::size_t>(i)] = n & 0xff;
    return id;
  }
  records::Sha256 Hash() {
    records::Sha256 hash{};
    std::uint64_t n = ++counter_ * 0x9e3779b97f4a7c15ULL;
    for (std::size_t i = 0; i < hash.size(); ++i) hash[i] = (n >> (i % 8 * 8)) & 0xff;
    return hash;
  }
  // XXXX-XXXX, scattered over the key space as random codes are.
  std::string UserCode() {
    constexpr char kAlphabet[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    std::uint64_t n = ++counter_ * 0xbf58476d1ce4e5b9ULL;
    n ^= n >> 29;
    std::string code;
    for (int i = 0; i < 8; ++i, n >>= 5) {
      if (i == 4) code += '-';
      code += kAlphabet[n % 32];
    }
    return code;
  }

 private:
  std::uint64_t counter_ = 0;
};

// An organization with a service, a plan, a user and a subscription.
struct Tenant {
  records::CreateOrganization organization;
  records::CreateService service;
  records::CreatePlan plan;
  records::CreateUser user;
  records::CreateSubscription subscription;

  std::vector<records::Write> All() const {
    return {organization, service, plan, user, subscription};
  }
};

class Samples {
 public:
  SampleIds ids;

  records::CreateOrganization Organization(const std::string& slug) {
    return {.record_id = ids.Make<records::RecordId>(),
            .row = {.id = ids.Make<records::OrganizationId>(),
                    .slug = slug,
                    .name = "The " + slug,
                    .created_at = kNow,
                    .updated_at = kNow}};
  }

  records::CreateService Service(records::OrganizationId org, const std::string& slug,
                                 const std::string& client_id) {
    const auto id = ids.Make<records::ServiceId>();
    return {.record_id = ids.Make<records::RecordId>(),
            .row = {.id = id,
                    .organization_id = org,
                    .slug = slug,
                    .name = "Service " + slug,
                    .created_at = kNow,
                    .resources = "https://api.example.com"},
            .client = {.id = ids.Make<records::ClientRowId>(),
                       .client_id = client_id,
                       .organization_id = org,
                       .service_id = id,
                       .secret_hash = std::nullopt,
                       .jwks = {},
                       .issuer = {},
                       .default_scope = "email",
                       .allowed_scope = "openid email"}};
  }

  records::CreatePlan Plan(const records::CreateService& service, const std::string& name) {
    return {.record_id = ids.Make<records::RecordId>(),
            .row = {.id = ids.Make<records::PlanId>(),
                    .organization_id = service.row.organization_id,
                    .service_id = service.row.id,
                    .name = name,
                    .price_cents = 990,
                    .currency = "eur",
                    .features = "export\nsync",
                    .created_at = kNow}};
  }

  records::CreateUser User(records::OrganizationId org, const std::string& email) {
    return {
        .record_id = ids.Make<records::RecordId>(),
        .row = {.id = ids.Make<records::UserId>(),
                .organization_id = org,
                .email = email,
                .password_hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNo",
                .unlocked_at = {},
                .created_at = kNow,
                .updated_at = kNow}};
  }

  records::CreateSubscription Subscription(const records::CreateUser& user,
                                           const records::CreatePlan& plan) {
    return {.record_id = ids.Make<records::RecordId>(),
            .row = {.id = ids.Make<records::SubscriptionId>(),
                    .organization_id = user.row.organization_id,
                    .user_id = user.row.id,
                    .service_id = plan.row.service_id,
                    .plan_id = plan.row.id,
                    .current_period_end = kNow + hours(24 * 30),
                    .created_at = kNow}};
  }

  Tenant NewTenant(const std::string& slug) {
    Tenant tenant;
    tenant.organization = Organization(slug);
    const auto org = tenant.organization.row.id;
    tenant.service = Service(org, "cli", slug + "-cli");
    tenant.plan = Plan(tenant.service, "pro");
    tenant.user = User(org, "alice@example.com");
    tenant.subscription = Subscription(tenant.user, tenant.plan);
    return tenant;
  }

  records::CreateDeviceCode DeviceCode(const Tenant& tenant, Time at = kNow) {
    return {.record_id = ids.Make<records::RecordId>(at),
            .device_code_id = ids.Make<records::DeviceCodeId>(at),
            .organization_id = tenant.organization.row.id,
            .client_row_id = tenant.service.client.id,
            .service_id = tenant.service.row.id,
            .secret_hash = ids.Hash(),
            .user_code = ids.UserCode(),
            .scope = "openid profile",
            .issuer = "https://id.example.com",
            .address = "203.0.113.77",
            .device_name = "Firefox on Linux",
            .created_at = at,
            .expires_at = at + minutes(15),
            .resource = "https://api.example.com"};
  }

  records::DecideDeviceCode Decision(const Tenant& tenant, const records::CreateDeviceCode& code) {
    return {.record_id = ids.Make<records::RecordId>(),
            .device_code_id = code.device_code_id,
            .organization_id = code.organization_id,
            .approve = true,
            .user_id = tenant.user.row.id,
            .amr = "pwd",
            .auth_time = code.created_at,
            .decided_at = code.created_at + seconds(20)};
  }

  records::RedeemDeviceCode Redemption(const Tenant& tenant,
                                       const records::CreateDeviceCode& code) {
    const Time at = code.created_at + seconds(25);
    return {.record_id = ids.Make<records::RecordId>(),
            .device_code_id = code.device_code_id,
            .organization_id = code.organization_id,
            .client_row_id = code.client_row_id,
            .redeemed_at = at,
            .grant = {.id = ids.Make<records::GrantId>(at),
                      .user_id = tenant.user.row.id,
                      .service_id = code.service_id,
                      .scope = code.scope,
                      .issuer = code.issuer,
                      .amr = "pwd",
                      .auth_time = code.created_at,
                      .expires_at = at + hours(24 * 180),
                      .address = code.address,
                      .device_name = code.device_name,
                      .resource = code.resource},
            .access_token = AccessToken(at),
            .refresh_token = RefreshToken(at)};
  }

  records::NewAccessToken AccessToken(Time at) {
    return {.id = ids.Make<records::AccessTokenId>(at),
            .token_hash = ids.Hash(),
            .scope = "openid profile",
            .expires_at = at + hours(1),
            .resource = "https://api.example.com"};
  }

  records::NewRefreshToken RefreshToken(Time at) {
    return {.id = ids.Make<records::RefreshTokenId>(at),
            .secret_hash = ids.Hash(),
            .expires_at = at + hours(24 * 30)};
  }

  records::RotateRefreshToken Rotation(const records::RedeemDeviceCode& redeemed,
                                       records::RefreshTokenId parent, Time at) {
    return {.record_id = ids.Make<records::RecordId>(),
            .organization_id = redeemed.organization_id,
            .grant_id = redeemed.grant.id,
            .parent_id = parent,
            .successor = RefreshToken(at),
            .access_token = AccessToken(at),
            .rotated_at = at,
            .replay_grace = seconds(60)};
  }

  records::CreateSession SignIn(const records::CreateUser& user) {
    return {.record_id = ids.Make<records::RecordId>(),
            .session_id = ids.Make<records::SessionId>(),
            .organization_id = user.row.organization_id,
            .user_id = user.row.id,
            .secret_hash = ids.Hash(),
            .amr = "pwd",
            .auth_time = kNow,
            .expires_at = kNow + hours(12),
            .address = "203.0.113.77",
            .user_agent = "Firefox",
            .former_id = std::nullopt};
  }

  records::CreatePasswordLink PasswordLink(const records::CreateUser& user) {
    return {.record_id = ids.Make<records::RecordId>(),
            .password_link_id = ids.Make<records::PasswordLinkId>(),
            .organization_id = user.row.organization_id,
            .user_id = user.row.id,
            .secret_hash = ids.Hash(),
            .expires_at = kNow + hours(24)};
  }

  records::CreateSigningKey SigningKey(records::OrganizationId org, const std::string& kid,
                                       records::SigningKeyState state) {
    return {.record_id = ids.Make<records::RecordId>(),
            .row = {.id = ids.Make<records::SigningKeyId>(),
                    .organization_id = org,
                    .kid = kid,
                    .state = state,
                    .public_key = std::string("\x30\x59\x00\x13", 4),
                    .wrapped_private_key = std::string("\x00\x01\x02\xff", 4),
                    .created_at = kNow,
                    .retire_at = std::nullopt}};
  }
};

// Applies one batch; every record gets `failure` where the batch as a whole failed.
inline std::vector<records::WriteResult> ApplyAll(domain::BatchApplier& applier,
                                                  const std::vector<records::Write>& writes) {
  std::vector<const records::Write*> pointers;
  for (const records::Write& write : writes) pointers.push_back(&write);
  auto results = applier.Apply(pointers);
  if (results.ok()) return std::move(*results);
  return std::vector<records::WriteResult>(writes.size(), {.code = results.error().code()});
}

inline records::WriteResult ApplyOne(domain::BatchApplier& applier, const records::Write& write) {
  return ApplyAll(applier, {write}).front();
}

}  // namespace store_test
