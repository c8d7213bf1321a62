// What reads give back: plain values, one struct for each thing a request needs to know at once.
//
// A list, kFields, is the order in which a SELECT gives the members. Rows whose members are the columns of a table, by
// name, are entities (store/entity.h); most of them travel in the record that makes them (directory_writes.h,
// people_writes.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "records/enums.h"
#include "records/fields.h"
#include "records/ids.h"

namespace records {

using base::Time;

// ---- directory: small rows, kept by workers while the directory generation stands ----

struct OrganizationRow {
  OrganizationId id;
  std::string slug;
  std::string name;
  OrganizationStatus status = OrganizationStatus::kActive;
  Time created_at;
  Time updated_at;
  static constexpr Fields<&OrganizationRow::id, &OrganizationRow::slug, &OrganizationRow::name,
                          &OrganizationRow::status, &OrganizationRow::created_at,
                          &OrganizationRow::updated_at>
      kFields{};
};

struct ServiceRow {
  ServiceId id;
  OrganizationId organization_id;
  std::string slug;
  std::string name;
  std::int64_t access_token_lifetime_s = 0;  // 0: the server's setting
  Time created_at;
  std::string resources;  // one a line: what its clients may ask tokens for (RFC 8707)
  static constexpr Fields<&ServiceRow::id, &ServiceRow::organization_id, &ServiceRow::slug,
                          &ServiceRow::name, &ServiceRow::access_token_lifetime_s,
                          &ServiceRow::created_at, &ServiceRow::resources>
      kFields{};
};

struct ClientRow {
  ClientRowId id;
  std::string client_id;
  OrganizationId organization_id;
  ServiceId service_id;
  ClientType type = ClientType::kPublic;
  std::optional<Sha256> secret_hash;
  bool refresh_token_allowed = true;
  bool disabled = false;
  std::string jwks;           // public keys for private_key_jwt, empty: none
  std::string issuer;         // a reference to it (domain/issuer.h), empty: public_url
  std::string default_scope;  // of a request that names none
  std::string allowed_scope;  // what it may ask for, empty: all that the server knows
  static constexpr Fields<&ClientRow::id, &ClientRow::client_id, &ClientRow::organization_id,
                          &ClientRow::service_id, &ClientRow::type, &ClientRow::secret_hash,
                          &ClientRow::refresh_token_allowed, &ClientRow::disabled, &ClientRow::jwks,
                          &ClientRow::issuer, &ClientRow::default_scope, &ClientRow::allowed_scope>
      kFields{};
};

// A Host that is an issuer of an organization.
struct DomainRow {
  std::string host;  // lower case, without port
  OrganizationId organization_id;
  static constexpr Fields<&DomainRow::host, &DomainRow::organization_id> kFields{};
  // The reference to it (domain/issuer.h).
  std::string Issuer() const { return "//" + host; }
};

struct PlanRow {
  PlanId id;
  OrganizationId organization_id;
  ServiceId service_id;
  std::string name;
  std::int64_t price_cents = 0;
  std::string currency;
  std::string features;  // one a line
  Time created_at;
  static constexpr Fields<&PlanRow::id, &PlanRow::organization_id, &PlanRow::service_id,
                          &PlanRow::name, &PlanRow::price_cents, &PlanRow::currency,
                          &PlanRow::features, &PlanRow::created_at>
      kFields{};
};

struct SigningKeyRow {
  SigningKeyId id;
  OrganizationId organization_id;
  std::string kid;
  SigningAlgorithm algorithm = SigningAlgorithm::kEs256;
  SigningKeyState state = SigningKeyState::kCurrent;
  Bytes public_key;           // SubjectPublicKeyInfo (RFC 5280 §4.1.2.7)
  Bytes wrapped_private_key;  // AES-256-GCM under the master key
  Time created_at;
  std::optional<Time> retire_at;
  static constexpr Fields<&SigningKeyRow::id, &SigningKeyRow::organization_id, &SigningKeyRow::kid,
                          &SigningKeyRow::algorithm, &SigningKeyRow::state,
                          &SigningKeyRow::public_key, &SigningKeyRow::wrapped_private_key,
                          &SigningKeyRow::created_at, &SigningKeyRow::retire_at>
      kFields{};
};

// ---- rows that grow with use ----

struct DeviceCodeRow {
  DeviceCodeId id;
  OrganizationId organization_id;
  ClientRowId client_row_id;
  ServiceId service_id;
  Sha256 secret_hash{};
  std::string user_code;
  std::string scope;
  std::string issuer;
  std::string address;
  std::string device_name;
  DeviceCodeState state = DeviceCodeState::kPending;
  Time created_at;
  Time expires_at;
  std::string resource;  // RFC 8707, empty: none asked for
  // Set from kApproved on:
  UserId user_id;
  std::string amr;
  Time auth_time;
  // Joined; kDisabled, too, where grants ended since.
  UserStatus user_status = UserStatus::kActive;
  std::string user_email;  // joined
  // Set from kRedeemed on:
  Time redeemed_at;
  GrantId grant_id;
};

// An access token with the state of what it hangs on, in one read.
struct AccessTokenRow {
  AccessTokenId id;
  OrganizationId organization_id;
  Sha256 token_hash{};
  std::string scope;
  Time expires_at;
  std::string resource;  // the one it is for (RFC 8707), empty: our own API and the service
  GrantId grant_id;
  bool grant_revoked = false;
  ClientRowId client_row_id;
  ServiceId service_id;
  UserId user_id;
  UserStatus user_status = UserStatus::kActive;
  std::string user_email;
};

struct SubscriptionRow {
  SubscriptionId id;
  OrganizationId organization_id;
  UserId user_id;
  ServiceId service_id;
  PlanId plan_id;
  SubscriptionStatus status = SubscriptionStatus::kActive;
  std::optional<Time> current_period_end;
  Time created_at;
  static constexpr Fields<&SubscriptionRow::id, &SubscriptionRow::organization_id,
                          &SubscriptionRow::user_id, &SubscriptionRow::service_id,
                          &SubscriptionRow::plan_id, &SubscriptionRow::status,
                          &SubscriptionRow::current_period_end, &SubscriptionRow::created_at>
      kFields{};
};

// The access token and the subscription of its user to its service, in one read.
struct AccessTokenWithSubscription {
  AccessTokenRow token;
  std::optional<SubscriptionRow> subscription;
};

struct RefreshTokenRow {
  RefreshTokenId id;
  OrganizationId organization_id;
  GrantId grant_id;
  Sha256 secret_hash{};
  std::int64_t sequence = 0;
  Time expires_at;
  std::optional<Time> rotated_at;
  // Joined:
  ClientRowId client_row_id;
  ServiceId service_id;
  UserId user_id;
  UserStatus user_status = UserStatus::kActive;
  std::string user_email;
  std::string scope;  // the grant's: a refresh only narrows it
  std::string issuer;
  std::string amr;
  Time auth_time;
  Time grant_expires_at;
  bool grant_revoked = false;
  std::string resource;  // the one the grant is limited to (RFC 8707), empty: none
  static constexpr Fields<
      &RefreshTokenRow::id, &RefreshTokenRow::organization_id, &RefreshTokenRow::grant_id,
      &RefreshTokenRow::secret_hash, &RefreshTokenRow::sequence, &RefreshTokenRow::expires_at,
      &RefreshTokenRow::rotated_at, &RefreshTokenRow::client_row_id, &RefreshTokenRow::service_id,
      &RefreshTokenRow::user_id, &RefreshTokenRow::user_status, &RefreshTokenRow::user_email,
      &RefreshTokenRow::scope, &RefreshTokenRow::issuer, &RefreshTokenRow::amr,
      &RefreshTokenRow::auth_time, &RefreshTokenRow::grant_expires_at,
      &RefreshTokenRow::grant_revoked, &RefreshTokenRow::resource>
      kFields{};
};

struct UserRow {
  UserId id;
  OrganizationId organization_id;
  std::string email;
  bool email_verified = true;
  std::string password_hash;  // empty: none set
  UserStatus status = UserStatus::kActive;
  // Raised whenever all grants of the user end: what was begun before is refused.
  std::int64_t session_epoch = 0;
  Time unlocked_at;
  Time created_at;
  Time updated_at;
  std::int64_t guesses = 0;  // wrong passwords in the window that began at guesses_since
  Time guesses_since{};
  static constexpr Fields<&UserRow::id, &UserRow::organization_id, &UserRow::email,
                          &UserRow::email_verified, &UserRow::password_hash, &UserRow::status,
                          &UserRow::session_epoch, &UserRow::unlocked_at, &UserRow::created_at,
                          &UserRow::updated_at, &UserRow::guesses, &UserRow::guesses_since>
      kFields{};
};

struct SessionRow {
  SessionId id;
  OrganizationId organization_id;
  UserId user_id;
  Sha256 secret_hash{};
  std::string amr;
  Time auth_time;
  Time expires_at;
  UserStatus user_status = UserStatus::kActive;  // joined
  std::int64_t user_session_epoch = 0;           // joined
  std::string user_email;                        // joined
  static constexpr Fields<&SessionRow::id, &SessionRow::organization_id, &SessionRow::user_id,
                          &SessionRow::secret_hash, &SessionRow::amr, &SessionRow::auth_time,
                          &SessionRow::expires_at, &SessionRow::user_status,
                          &SessionRow::user_session_epoch, &SessionRow::user_email>
      kFields{};
};

struct PasswordLinkRow {
  PasswordLinkId id;
  OrganizationId organization_id;
  UserId user_id;
  Sha256 secret_hash{};
  Time expires_at;
  std::optional<RecordId> used_by_record;  // none: not used yet
  std::string user_email;                  // joined
  static constexpr Fields<&PasswordLinkRow::id, &PasswordLinkRow::organization_id,
                          &PasswordLinkRow::user_id, &PasswordLinkRow::secret_hash,
                          &PasswordLinkRow::expires_at, &PasswordLinkRow::used_by_record,
                          &PasswordLinkRow::user_email>
      kFields{};
};

// ---- what lists of administration show ----

struct ServiceWithClient {
  ServiceRow service;
  ClientRow client;
  static constexpr Fields<&ServiceWithClient::service, &ServiceWithClient::client> kFields{};
};

struct GrantRow {
  GrantId id;
  OrganizationId organization_id;
  UserId user_id;
  ClientRowId client_row_id;
  ServiceId service_id;
  std::string scope;
  std::string amr;
  std::string address;
  std::string device_name;
  Time created_at;
  Time expires_at;
  std::optional<Time> revoked_at;
  static constexpr Fields<&GrantRow::id, &GrantRow::organization_id, &GrantRow::user_id,
                          &GrantRow::client_row_id, &GrantRow::service_id, &GrantRow::scope,
                          &GrantRow::amr, &GrantRow::address, &GrantRow::device_name,
                          &GrantRow::created_at, &GrantRow::expires_at, &GrantRow::revoked_at>
      kFields{};
};

struct MembershipRow {
  UserId user_id;
  OrganizationId organization_id;
  Role role = Role::kMember;
  Time created_at;
  std::string user_email;         // joined
  std::string organization_slug;  // joined
  static constexpr Fields<&MembershipRow::user_id, &MembershipRow::organization_id,
                          &MembershipRow::role, &MembershipRow::created_at,
                          &MembershipRow::user_email, &MembershipRow::organization_slug>
      kFields{};
};

}  // namespace records
