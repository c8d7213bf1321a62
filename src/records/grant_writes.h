// What a grant issues and what ends it, and the writes of the device flow (RFC 8628) and of refresh (RFC 6749 §6).
// Plain values; records/writes.h says what holds for all of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "records/fields.h"
#include "records/ids.h"

namespace records {

using base::Time;

struct NewGrant {
  GrantId id;
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
  static constexpr Fields<&NewGrant::id, &NewGrant::user_id, &NewGrant::service_id,
                          &NewGrant::scope, &NewGrant::issuer, &NewGrant::amr, &NewGrant::auth_time,
                          &NewGrant::expires_at, &NewGrant::address, &NewGrant::device_name,
                          &NewGrant::resource>
      kFields{};
};

struct NewAccessToken {
  AccessTokenId id;
  Sha256 token_hash{};  // of the whole JWT
  std::string scope;
  Time expires_at;
  std::string resource;  // the one it is for (RFC 8707), empty: our own API and the service
  static constexpr Fields<&NewAccessToken::id, &NewAccessToken::token_hash, &NewAccessToken::scope,
                          &NewAccessToken::expires_at, &NewAccessToken::resource>
      kFields{};
};

struct NewRefreshToken {
  RefreshTokenId id;
  Sha256 secret_hash{};
  Time expires_at;  // idle end
  static constexpr Fields<&NewRefreshToken::id, &NewRefreshToken::secret_hash,
                          &NewRefreshToken::expires_at>
      kFields{};
};

// The client assertion (RFC 7523) that a request came with. Kept with what is issued for it, so that no
// restart and no reboot forgets that it was used.
struct UsedAssertion {
  ClientRowId client_row_id;
  Sha256 jti_hash{};
  Time expires_at;  // from then on the assertion is refused for its age
  static constexpr Fields<&UsedAssertion::client_row_id, &UsedAssertion::jti_hash,
                          &UsedAssertion::expires_at>
      kFields{};
};

// kExists: user_code is live already; draw another. kDenied: as many codes of the client are live as may
// be; kFull: as many in all. kInvalid: another record used the assertion.
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
  std::optional<UsedAssertion> assertion{};
  bool is_by_page = false;  // a page of another site made a browser ask; nothing keeps it
  static constexpr Fields<
      &CreateDeviceCode::record_id, &CreateDeviceCode::device_code_id,
      &CreateDeviceCode::organization_id, &CreateDeviceCode::client_row_id,
      &CreateDeviceCode::service_id, &CreateDeviceCode::secret_hash, &CreateDeviceCode::user_code,
      &CreateDeviceCode::scope, &CreateDeviceCode::issuer, &CreateDeviceCode::address,
      &CreateDeviceCode::device_name, &CreateDeviceCode::created_at, &CreateDeviceCode::expires_at,
      &CreateDeviceCode::resource, &CreateDeviceCode::assertion, &CreateDeviceCode::is_by_page>
      kFields{};
};

// pending -> approved | denied, once. kNotFound; kConflict: decided already by another record;
// kExpired: expires_at <= decided_at; kDenied: the approving user is not active, or all grants of
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
  static constexpr Fields<&DecideDeviceCode::record_id, &DecideDeviceCode::device_code_id,
                          &DecideDeviceCode::organization_id, &DecideDeviceCode::approve,
                          &DecideDeviceCode::user_id, &DecideDeviceCode::amr,
                          &DecideDeviceCode::auth_time, &DecideDeviceCode::decided_at,
                          &DecideDeviceCode::session_epoch>
      kFields{};
};

// approved -> redeemed, once, and what it issues. kNotFound; kConflict: redeemed by another record,
// or not approved; kDenied: the approving user is not active, or all grants of the user were ended
// since the approval; kInvalid: another record used the assertion.
struct RedeemDeviceCode {
  RecordId record_id;
  DeviceCodeId device_code_id;
  OrganizationId organization_id;
  ClientRowId client_row_id;
  Time redeemed_at;
  NewGrant grant;
  NewAccessToken access_token;
  std::optional<NewRefreshToken> refresh_token;
  std::optional<UsedAssertion> assertion{};
  static constexpr Fields<&RedeemDeviceCode::record_id, &RedeemDeviceCode::device_code_id,
                          &RedeemDeviceCode::organization_id, &RedeemDeviceCode::client_row_id,
                          &RedeemDeviceCode::redeemed_at, &RedeemDeviceCode::grant,
                          &RedeemDeviceCode::access_token, &RedeemDeviceCode::refresh_token,
                          &RedeemDeviceCode::assertion>
      kFields{};
};

// Rotates parent_id. WriteResult::id is the successor that holds: `successor.id`, or the one an
// earlier rotation made if parent_id was rotated less than replay_grace before rotated_at and that
// successor is unused. The access token is inserted in both cases. kNotFound: no such token, or its
// grant is over; kExpired: idle or absolute end passed; kConflict: replay outside the grace: the
// grant is revoked; kInvalid: another record used the assertion.
struct RotateRefreshToken {
  RecordId record_id;
  OrganizationId organization_id;
  GrantId grant_id;
  RefreshTokenId parent_id;
  NewRefreshToken successor;
  NewAccessToken access_token;
  Time rotated_at;
  base::milliseconds replay_grace{0};
  std::optional<UsedAssertion> assertion{};
  static constexpr Fields<&RotateRefreshToken::record_id, &RotateRefreshToken::organization_id,
                          &RotateRefreshToken::grant_id, &RotateRefreshToken::parent_id,
                          &RotateRefreshToken::successor, &RotateRefreshToken::access_token,
                          &RotateRefreshToken::rotated_at, &RotateRefreshToken::replay_grace,
                          &RotateRefreshToken::assertion>
      kFields{};
};

// Idempotent. WriteResult::count: 1 where this very record ended the grant, 0 where it was over.
// kNotFound: no such grant in this organization.
struct RevokeGrant {
  RecordId record_id;
  OrganizationId organization_id;
  GrantId grant_id;
  Time revoked_at;
  static constexpr Fields<&RevokeGrant::record_id, &RevokeGrant::organization_id,
                          &RevokeGrant::grant_id, &RevokeGrant::revoked_at>
      kFields{};
};

// All live grants and sessions of one user. WriteResult::count: how many grants.
struct RevokeUserGrants {
  RecordId record_id;
  OrganizationId organization_id;
  UserId user_id;
  Time revoked_at;
  static constexpr Fields<&RevokeUserGrants::record_id, &RevokeUserGrants::organization_id,
                          &RevokeUserGrants::user_id, &RevokeUserGrants::revoked_at>
      kFields{};
};

}  // namespace records
