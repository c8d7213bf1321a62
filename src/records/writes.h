// The write records: everything that can ever be asked of the writer, declared once.
// The wire format is the encoding of kFields in order (wire/codec), the tables are their storage
// (store/batch_applier). Records arrive complete: ids, hashes and times are fixed by the sender.
// To add a write: one struct with its kFields at the end of this file, its place at the end of
// Write, its row in writes.cc (who may send it, whether it changes the directory), one Apply function
// in store/ and one in the fake of tests/store/, one golden file in tests/wire/. Fields are appended,
// never moved.
//
// The same record again gets the same answer. What changes a row knows it by the record's id, kept in
// the row; what creates one by the row's own id, which comes from the sender: another child, to which
// nginx sent the request again, draws another, and the first row is left unused until it expires.
//
// What each record may refuse with, beside kUnavailable and kFull, stands above it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <variant>

#include "base/clock.h"
#include "base/status.h"
#include "records/enums.h"
#include "records/ids.h"

namespace records {

using base::Time;

// ---- parts ----

struct NewSession {
  SessionId id;
  UserId user_id;
  ServiceId service_id;
  std::string scope;
  std::string issuer;
  std::string amr;  // space-separated authentication methods (RFC 8176)
  Time auth_time;
  Time expires_at;  // absolute end of the family
  std::string address;
  std::string device_name;
  std::string resource;  // the one it is limited to (RFC 8707), empty: none
  static constexpr auto kFields =
      std::tuple{&NewSession::id,          &NewSession::user_id,    &NewSession::service_id,
                 &NewSession::scope,       &NewSession::issuer,     &NewSession::amr,
                 &NewSession::auth_time,   &NewSession::expires_at, &NewSession::address,
                 &NewSession::device_name, &NewSession::resource};
};

struct NewAccessToken {
  AccessTokenId id;
  Sha256 token_hash{};  // of the whole JWT
  std::string scope;
  Time expires_at;
  std::string resource;  // the one it is for (RFC 8707), empty: our own API and the service
  static constexpr auto kFields =
      std::tuple{&NewAccessToken::id, &NewAccessToken::token_hash, &NewAccessToken::scope,
                 &NewAccessToken::expires_at, &NewAccessToken::resource};
};

struct NewRefreshToken {
  RefreshTokenId id;
  Sha256 secret_hash{};
  Time expires_at;  // idle end
  static constexpr auto kFields =
      std::tuple{&NewRefreshToken::id, &NewRefreshToken::secret_hash, &NewRefreshToken::expires_at};
};

struct NewClient {
  ClientRowId id;
  std::string client_id;  // unique in the whole server
  ClientType type = ClientType::kPublic;
  std::optional<Sha256> secret_hash;  // of a random secret; present for confidential clients only
  bool refresh_token_allowed = true;
  std::string jwks;  // public keys for private_key_jwt (RFC 7517 §5), empty: none
  static constexpr auto kFields = std::tuple{&NewClient::id,
                                             &NewClient::client_id,
                                             &NewClient::type,
                                             &NewClient::secret_hash,
                                             &NewClient::refresh_token_allowed,
                                             &NewClient::jwks};
};

// ---- device flow ----

// kExists: user_code is live already; draw another.
struct CreateDeviceCode {
  RecordId record_id;
  DeviceCodeId device_code_id;
  OrganizationId organization_id;
  ClientRowId client_row_id;
  ServiceId service_id;
  Sha256 secret_hash{};
  std::string user_code;  // XXXX-XXXX, stored as it is (40 bits, minutes)
  std::string scope;
  std::string issuer;
  std::string address;
  std::string device_name;
  Time created_at;
  Time expires_at;
  std::string resource;  // RFC 8707, empty: none asked for
  static constexpr auto kFields =
      std::tuple{&CreateDeviceCode::record_id,       &CreateDeviceCode::device_code_id,
                 &CreateDeviceCode::organization_id, &CreateDeviceCode::client_row_id,
                 &CreateDeviceCode::service_id,      &CreateDeviceCode::secret_hash,
                 &CreateDeviceCode::user_code,       &CreateDeviceCode::scope,
                 &CreateDeviceCode::issuer,          &CreateDeviceCode::address,
                 &CreateDeviceCode::device_name,     &CreateDeviceCode::created_at,
                 &CreateDeviceCode::expires_at,      &CreateDeviceCode::resource};
};

// pending -> approved | denied, once. kNotFound; kConflict: decided already by another record;
// kExpired: expires_at <= decided_at; kDenied: the approving user is not active, or all sessions of
// the user were ended since session_epoch was read.
struct DecideDeviceCode {
  RecordId record_id;
  DeviceCodeId device_code_id;
  OrganizationId organization_id;
  bool approve = false;
  UserId user_id;
  std::string amr;
  Time auth_time;
  Time decided_at;
  std::int64_t session_epoch = 0;  // the user's
  static constexpr auto kFields =
      std::tuple{&DecideDeviceCode::record_id,       &DecideDeviceCode::device_code_id,
                 &DecideDeviceCode::organization_id, &DecideDeviceCode::approve,
                 &DecideDeviceCode::user_id,         &DecideDeviceCode::amr,
                 &DecideDeviceCode::auth_time,       &DecideDeviceCode::decided_at,
                 &DecideDeviceCode::session_epoch};
};

// approved -> redeemed, once, and what it issues. kNotFound; kConflict: redeemed by another record,
// or not approved; kDenied: the approving user is not active, or all sessions of the user were ended
// since the approval.
struct RedeemDeviceCode {
  RecordId record_id;
  DeviceCodeId device_code_id;
  OrganizationId organization_id;
  ClientRowId client_row_id;
  Time redeemed_at;
  NewSession session;
  NewAccessToken access_token;
  std::optional<NewRefreshToken> refresh_token;
  static constexpr auto kFields =
      std::tuple{&RedeemDeviceCode::record_id,       &RedeemDeviceCode::device_code_id,
                 &RedeemDeviceCode::organization_id, &RedeemDeviceCode::client_row_id,
                 &RedeemDeviceCode::redeemed_at,     &RedeemDeviceCode::session,
                 &RedeemDeviceCode::access_token,    &RedeemDeviceCode::refresh_token};
};

// ---- refresh and sessions ----

// Rotates parent_id. WriteResult::id is the successor that holds: `successor.id`, or the one an
// earlier rotation made if parent_id was rotated less than replay_grace before rotated_at and that
// successor is unused. The access token is inserted in both cases. kNotFound: no such token, or its
// session is over; kExpired: idle or absolute end passed; kConflict: replay outside the grace: the
// session is revoked.
struct RotateRefreshToken {
  RecordId record_id;
  OrganizationId organization_id;
  SessionId session_id;
  RefreshTokenId parent_id;
  NewRefreshToken successor;
  NewAccessToken access_token;
  Time rotated_at;
  base::milliseconds replay_grace{0};
  static constexpr auto kFields =
      std::tuple{&RotateRefreshToken::record_id,  &RotateRefreshToken::organization_id,
                 &RotateRefreshToken::session_id, &RotateRefreshToken::parent_id,
                 &RotateRefreshToken::successor,  &RotateRefreshToken::access_token,
                 &RotateRefreshToken::rotated_at, &RotateRefreshToken::replay_grace};
};

// Idempotent. kNotFound: no such session in this organization.
struct RevokeSession {
  RecordId record_id;
  OrganizationId organization_id;
  SessionId session_id;
  Time revoked_at;
  static constexpr auto kFields =
      std::tuple{&RevokeSession::record_id, &RevokeSession::organization_id,
                 &RevokeSession::session_id, &RevokeSession::revoked_at};
};

// All live sessions and sign-ins of one user. WriteResult::count: how many sessions.
struct RevokeUserSessions {
  RecordId record_id;
  OrganizationId organization_id;
  UserId user_id;
  Time revoked_at;
  static constexpr auto kFields =
      std::tuple{&RevokeUserSessions::record_id, &RevokeUserSessions::organization_id,
                 &RevokeUserSessions::user_id, &RevokeUserSessions::revoked_at};
};

// A browser's session. A new one at each sign-in; former_id, if set, ends with it. kDenied: the user
// is not active, or all sessions of the user were ended (a new password, say) since session_epoch was
// read.
struct CreateSignIn {
  RecordId record_id;
  SignInId sign_in_id;
  OrganizationId organization_id;
  UserId user_id;
  Sha256 secret_hash{};
  std::string amr;
  Time auth_time;
  Time expires_at;
  std::string address;
  std::string user_agent;
  std::optional<SignInId> former_id;
  std::int64_t session_epoch = 0;  // the user's, read before the password was checked
  static constexpr auto kFields = std::tuple{
      &CreateSignIn::record_id,  &CreateSignIn::sign_in_id,  &CreateSignIn::organization_id,
      &CreateSignIn::user_id,    &CreateSignIn::secret_hash, &CreateSignIn::amr,
      &CreateSignIn::auth_time,  &CreateSignIn::expires_at,  &CreateSignIn::address,
      &CreateSignIn::user_agent, &CreateSignIn::former_id,   &CreateSignIn::session_epoch};
};

// Idempotent.
struct EndSignIn {
  RecordId record_id;
  OrganizationId organization_id;
  SignInId sign_in_id;
  static constexpr auto kFields =
      std::tuple{&EndSignIn::record_id, &EndSignIn::organization_id, &EndSignIn::sign_in_id};
};

// ---- passwords ----

// A link that lets its holder set a password, once. Earlier unused links of the user end with it.
// kNotFound: no such user.
struct CreatePasswordLink {
  RecordId record_id;
  PasswordLinkId password_link_id;
  OrganizationId organization_id;
  UserId user_id;
  Sha256 secret_hash{};
  Time expires_at;
  static constexpr auto kFields =
      std::tuple{&CreatePasswordLink::record_id,       &CreatePasswordLink::password_link_id,
                 &CreatePasswordLink::organization_id, &CreatePasswordLink::user_id,
                 &CreatePasswordLink::secret_hash,     &CreatePasswordLink::expires_at};
};

// Sets the password, unlocks the user, ends the user's sign-ins and sessions. kNotFound; kExpired;
// kConflict: used already.
struct RedeemPasswordLink {
  RecordId record_id;
  PasswordLinkId password_link_id;
  OrganizationId organization_id;
  std::string password_hash;  // PHC string
  Time redeemed_at;
  static constexpr auto kFields =
      std::tuple{&RedeemPasswordLink::record_id, &RedeemPasswordLink::password_link_id,
                 &RedeemPasswordLink::organization_id, &RedeemPasswordLink::password_hash,
                 &RedeemPasswordLink::redeemed_at};
};

// ---- directory: each raises the directory generation ----

// kExists: slug.
struct CreateOrganization {
  RecordId record_id;
  OrganizationId organization_id;
  std::string slug;
  std::string name;
  OrganizationStatus status = OrganizationStatus::kActive;
  Time created_at;
  static constexpr auto kFields =
      std::tuple{&CreateOrganization::record_id, &CreateOrganization::organization_id,
                 &CreateOrganization::slug,      &CreateOrganization::name,
                 &CreateOrganization::status,    &CreateOrganization::created_at};
};

// Absent members stay as they are. kNotFound.
struct UpdateOrganization {
  RecordId record_id;
  OrganizationId organization_id;
  std::optional<std::string> name;
  std::optional<OrganizationStatus> status;
  Time updated_at;
  static constexpr auto kFields = std::tuple{
      &UpdateOrganization::record_id, &UpdateOrganization::organization_id,
      &UpdateOrganization::name, &UpdateOrganization::status, &UpdateOrganization::updated_at};
};

// kNotFound; kConflict: it still has services or users; kDenied: the platform itself.
struct DeleteOrganization {
  RecordId record_id;
  OrganizationId organization_id;
  static constexpr auto kFields =
      std::tuple{&DeleteOrganization::record_id, &DeleteOrganization::organization_id};
};

// With its client. kExists: slug in the organization, or client_id; kNotFound: no such
// organization.
struct CreateService {
  RecordId record_id;
  ServiceId service_id;
  OrganizationId organization_id;
  std::string slug;
  std::string name;
  ServiceType type = ServiceType::kApi;
  std::string redirect_uris;  // one a line
  std::string device_activation_uri;
  std::int64_t access_token_lifetime_s = 0;  // 0: the server's setting
  bool manages_account = false;
  NewClient client;
  Time created_at;
  std::string resources;  // one a line: what its clients may ask tokens for (RFC 8707)
  static constexpr auto kFields = std::tuple{&CreateService::record_id,
                                             &CreateService::service_id,
                                             &CreateService::organization_id,
                                             &CreateService::slug,
                                             &CreateService::name,
                                             &CreateService::type,
                                             &CreateService::redirect_uris,
                                             &CreateService::device_activation_uri,
                                             &CreateService::access_token_lifetime_s,
                                             &CreateService::manages_account,
                                             &CreateService::client,
                                             &CreateService::created_at,
                                             &CreateService::resources};
};

// kNotFound.
struct UpdateService {
  RecordId record_id;
  ServiceId service_id;
  OrganizationId organization_id;
  std::optional<std::string> name;
  std::optional<std::string> redirect_uris;
  std::optional<std::string> device_activation_uri;
  std::optional<std::int64_t> access_token_lifetime_s;
  std::optional<bool> manages_account;
  std::optional<bool> client_disabled;
  std::optional<bool> refresh_token_allowed;
  std::optional<Sha256> client_secret_hash;  // of a confidential client; ends its jwks
  std::optional<std::string> resources;
  std::optional<std::string> client_jwks;  // of a confidential client; ends its secret
  static constexpr auto kFields = std::tuple{&UpdateService::record_id,
                                             &UpdateService::service_id,
                                             &UpdateService::organization_id,
                                             &UpdateService::name,
                                             &UpdateService::redirect_uris,
                                             &UpdateService::device_activation_uri,
                                             &UpdateService::access_token_lifetime_s,
                                             &UpdateService::manages_account,
                                             &UpdateService::client_disabled,
                                             &UpdateService::refresh_token_allowed,
                                             &UpdateService::client_secret_hash,
                                             &UpdateService::resources,
                                             &UpdateService::client_jwks};
};

// With its clients; its sessions end. kNotFound; kConflict: it still has plans or subscriptions.
struct DeleteService {
  RecordId record_id;
  ServiceId service_id;
  OrganizationId organization_id;
  Time deleted_at;
  static constexpr auto kFields =
      std::tuple{&DeleteService::record_id, &DeleteService::service_id,
                 &DeleteService::organization_id, &DeleteService::deleted_at};
};

// kExists: name in the service; kNotFound: no such service in the organization.
struct CreatePlan {
  RecordId record_id;
  PlanId plan_id;
  OrganizationId organization_id;
  ServiceId service_id;
  std::string name;
  std::int64_t price_cents = 0;
  std::string currency;
  std::string features;  // one a line
  Time created_at;
  static constexpr auto kFields =
      std::tuple{&CreatePlan::record_id,  &CreatePlan::plan_id,  &CreatePlan::organization_id,
                 &CreatePlan::service_id, &CreatePlan::name,     &CreatePlan::price_cents,
                 &CreatePlan::currency,   &CreatePlan::features, &CreatePlan::created_at};
};

// kNotFound; kExists: name.
struct UpdatePlan {
  RecordId record_id;
  PlanId plan_id;
  OrganizationId organization_id;
  std::optional<std::string> name;
  std::optional<std::int64_t> price_cents;
  std::optional<std::string> currency;
  std::optional<std::string> features;
  static constexpr auto kFields =
      std::tuple{&UpdatePlan::record_id, &UpdatePlan::plan_id,     &UpdatePlan::organization_id,
                 &UpdatePlan::name,      &UpdatePlan::price_cents, &UpdatePlan::currency,
                 &UpdatePlan::features};
};

// kNotFound; kConflict: subscriptions use it.
struct DeletePlan {
  RecordId record_id;
  PlanId plan_id;
  OrganizationId organization_id;
  static constexpr auto kFields =
      std::tuple{&DeletePlan::record_id, &DeletePlan::plan_id, &DeletePlan::organization_id};
};

// ---- people ----

// kExists: email in the organization; kNotFound: no such organization.
struct CreateUser {
  RecordId record_id;
  UserId user_id;
  OrganizationId organization_id;
  std::string email;  // lower case
  bool email_verified = true;
  std::string password_hash;  // PHC string; empty: none yet
  Time created_at;
  static constexpr auto kFields =
      std::tuple{&CreateUser::record_id, &CreateUser::user_id,        &CreateUser::organization_id,
                 &CreateUser::email,     &CreateUser::email_verified, &CreateUser::password_hash,
                 &CreateUser::created_at};
};

// Disabling ends sessions and sign-ins. kNotFound; kExists: email; kConflict: it would disable the
// last platform owner.
struct UpdateUser {
  RecordId record_id;
  UserId user_id;
  OrganizationId organization_id;
  std::optional<std::string> email;
  std::optional<UserStatus> status;
  std::optional<Time> unlocked_at;  // wrong passwords before it count no more
  Time updated_at;
  static constexpr auto kFields =
      std::tuple{&UpdateUser::record_id, &UpdateUser::user_id, &UpdateUser::organization_id,
                 &UpdateUser::email,     &UpdateUser::status,  &UpdateUser::unlocked_at,
                 &UpdateUser::updated_at};
};

// With subscriptions, memberships, links, sign-ins; sessions end. kNotFound; kConflict: the last
// platform owner.
struct DeleteUser {
  RecordId record_id;
  UserId user_id;
  OrganizationId organization_id;
  Time deleted_at;
  static constexpr auto kFields = std::tuple{&DeleteUser::record_id, &DeleteUser::user_id,
                                             &DeleteUser::organization_id, &DeleteUser::deleted_at};
};

// One a user and service. kExists; kNotFound: user or plan not in the organization.
struct CreateSubscription {
  RecordId record_id;
  SubscriptionId subscription_id;
  OrganizationId organization_id;
  UserId user_id;
  ServiceId service_id;
  PlanId plan_id;
  SubscriptionStatus status = SubscriptionStatus::kActive;
  std::optional<Time> current_period_end;
  Time created_at;
  static constexpr auto kFields =
      std::tuple{&CreateSubscription::record_id,       &CreateSubscription::subscription_id,
                 &CreateSubscription::organization_id, &CreateSubscription::user_id,
                 &CreateSubscription::service_id,      &CreateSubscription::plan_id,
                 &CreateSubscription::status,          &CreateSubscription::current_period_end,
                 &CreateSubscription::created_at};
};

// kNotFound: subscription, or plan not of the subscription's service.
struct UpdateSubscription {
  RecordId record_id;
  OrganizationId organization_id;
  UserId user_id;
  ServiceId service_id;
  std::optional<PlanId> plan_id;
  std::optional<SubscriptionStatus> status;
  std::optional<Time> current_period_end;
  static constexpr auto kFields =
      std::tuple{&UpdateSubscription::record_id,         &UpdateSubscription::organization_id,
                 &UpdateSubscription::user_id,           &UpdateSubscription::service_id,
                 &UpdateSubscription::plan_id,           &UpdateSubscription::status,
                 &UpdateSubscription::current_period_end};
};

// kNotFound.
struct DeleteSubscription {
  RecordId record_id;
  OrganizationId organization_id;
  UserId user_id;
  ServiceId service_id;
  static constexpr auto kFields =
      std::tuple{&DeleteSubscription::record_id, &DeleteSubscription::organization_id,
                 &DeleteSubscription::user_id, &DeleteSubscription::service_id};
};

// A user of `platform` administers an organization. kExists; kNotFound.
struct CreateMembership {
  RecordId record_id;
  UserId user_id;
  OrganizationId organization_id;
  Role role = Role::kMember;
  Time created_at;
  static constexpr auto kFields = std::tuple{
      &CreateMembership::record_id, &CreateMembership::user_id, &CreateMembership::organization_id,
      &CreateMembership::role, &CreateMembership::created_at};
};

// ---- keys ----

// kExists: kid. The private key arrives wrapped (AES-256-GCM under the master key).
struct CreateSigningKey {
  RecordId record_id;
  SigningKeyId signing_key_id;
  OrganizationId organization_id;  // whose issuer it signs for; kPlatformOrganizationId: public_url
  std::string kid;
  SigningAlgorithm algorithm = SigningAlgorithm::kEs256;
  SigningKeyState state = SigningKeyState::kCurrent;
  std::string public_key;           // DER SubjectPublicKeyInfo
  std::string wrapped_private_key;  // nonce || ciphertext || tag
  Time created_at;
  static constexpr auto kFields =
      std::tuple{&CreateSigningKey::record_id,       &CreateSigningKey::signing_key_id,
                 &CreateSigningKey::organization_id, &CreateSigningKey::kid,
                 &CreateSigningKey::algorithm,       &CreateSigningKey::state,
                 &CreateSigningKey::public_key,      &CreateSigningKey::wrapped_private_key,
                 &CreateSigningKey::created_at};
};

// Makes a kNext key kCurrent and the former current one of the same organization and algorithm
// kRetired, published until retire_at. kNotFound; kConflict: not in kNext.
struct PromoteSigningKey {
  RecordId record_id;
  SigningKeyId signing_key_id;
  OrganizationId organization_id;
  Time promoted_at;
  Time retire_at;
  static constexpr auto kFields =
      std::tuple{&PromoteSigningKey::record_id, &PromoteSigningKey::signing_key_id,
                 &PromoteSigningKey::organization_id, &PromoteSigningKey::promoted_at,
                 &PromoteSigningKey::retire_at};
};

// Proves that a write commits; leaves one row in all. Never refused.
struct Probe {
  RecordId record_id;
  Time probed_at;
  static constexpr auto kFields = std::tuple{&Probe::record_id, &Probe::probed_at};
};

// The wire type of a record is its index here.
using Write =
    std::variant<CreateDeviceCode, DecideDeviceCode, RedeemDeviceCode, RotateRefreshToken,
                 RevokeSession, RevokeUserSessions, CreateSignIn, EndSignIn, CreatePasswordLink,
                 RedeemPasswordLink, CreateOrganization, UpdateOrganization, DeleteOrganization,
                 CreateService, UpdateService, DeleteService, CreatePlan, UpdatePlan, DeletePlan,
                 CreateUser, UpdateUser, DeleteUser, CreateSubscription, UpdateSubscription,
                 DeleteSubscription, CreateMembership, CreateSigningKey, PromoteSigningKey, Probe>;

// What the writer answers, after COMMIT.
struct WriteResult {
  base::Code code = base::Code::kUnavailable;
  base::IdBytes id{};      // as the record says
  std::int64_t count = 0;  // as the record says
};

const RecordId& RecordIdOf(const Write& write);
// "CreateDeviceCode", for logs.
std::string_view NameOf(const Write& write);

// Who may send a record: `kWeb` pools may not rotate keys, make owners or change the directory.
enum class Sender : std::uint8_t { kWeb, kOperator };
bool MaySend(Sender sender, const Write& write);
// Records after which cached directory rows are stale.
bool ChangesDirectory(const Write& write);

}  // namespace records
