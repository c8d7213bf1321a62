// Writes of the directory: organizations, services, clients, plans, keys. Each raises the directory
// generation (writes.cc).
// Plain values; records/writes.h says what holds for all of them.
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

struct NewClient {
  ClientRowId id;
  std::string client_id;  // unique in the whole server
  ClientType type = ClientType::kPublic;
  std::optional<Sha256> secret_hash;  // of a random secret; present for confidential clients only
  bool refresh_token_allowed = true;
  std::string jwks;    // public keys for private_key_jwt (RFC 7517 §5), empty: none
  std::string issuer;  // a reference to it (domain/issuer.h), empty: public_url; fixed for ever
  std::string default_scope;  // of a request that names none
  std::string allowed_scope;  // what it may ask for, empty: all that the server knows
  static constexpr Fields<&NewClient::id, &NewClient::client_id, &NewClient::type,
                          &NewClient::secret_hash, &NewClient::refresh_token_allowed,
                          &NewClient::jwks, &NewClient::issuer, &NewClient::default_scope,
                          &NewClient::allowed_scope>
      kFields{};
};

// kExists: slug.
struct CreateOrganization {
  RecordId record_id;
  OrganizationId organization_id;
  std::string slug;
  std::string name;
  OrganizationStatus status = OrganizationStatus::kActive;
  Time created_at;
  static constexpr Fields<&CreateOrganization::record_id, &CreateOrganization::organization_id,
                          &CreateOrganization::slug, &CreateOrganization::name,
                          &CreateOrganization::status, &CreateOrganization::created_at>
      kFields{};
};

// Absent members stay as they are. kNotFound.
struct UpdateOrganization {
  RecordId record_id;
  OrganizationId organization_id;
  std::optional<std::string> name;
  std::optional<OrganizationStatus> status;
  Time updated_at;
  static constexpr Fields<&UpdateOrganization::record_id, &UpdateOrganization::organization_id,
                          &UpdateOrganization::name, &UpdateOrganization::status,
                          &UpdateOrganization::updated_at>
      kFields{};
};

// kNotFound; kConflict: it still has services or users; kDenied: the platform itself.
struct DeleteOrganization {
  RecordId record_id;
  OrganizationId organization_id;
  static constexpr Fields<&DeleteOrganization::record_id, &DeleteOrganization::organization_id>
      kFields{};
};

// A Host that is an issuer of the organization. kExists: the host is somebody's already; kNotFound: no
// such organization; kDenied: the platform's.
struct CreateDomain {
  RecordId record_id;
  OrganizationId organization_id;
  std::string host;  // lower case, without port
  static constexpr Fields<&CreateDomain::record_id, &CreateDomain::organization_id,
                          &CreateDomain::host>
      kFields{};
};

// kNotFound; kConflict: it is the issuer of a client.
struct DeleteDomain {
  RecordId record_id;
  OrganizationId organization_id;
  std::string host;
  static constexpr Fields<&DeleteDomain::record_id, &DeleteDomain::organization_id,
                          &DeleteDomain::host>
      kFields{};
};

// With its client. kExists: slug in the organization, or client_id; kNotFound: no such organization,
// or the client's issuer is none of the organization's. The platform has but public_url.
struct CreateService {
  RecordId record_id;
  ServiceId service_id;
  OrganizationId organization_id;
  std::string slug;
  std::string name;
  std::int64_t access_token_lifetime_s = 0;  // 0: the server's setting
  NewClient client;
  Time created_at;
  std::string resources;  // one a line: what its clients may ask tokens for (RFC 8707)
  static constexpr Fields<
      &CreateService::record_id, &CreateService::service_id, &CreateService::organization_id,
      &CreateService::slug, &CreateService::name, &CreateService::access_token_lifetime_s,
      &CreateService::client, &CreateService::created_at, &CreateService::resources>
      kFields{};
};

// kNotFound.
struct UpdateService {
  RecordId record_id;
  ServiceId service_id;
  OrganizationId organization_id;
  std::optional<std::string> name;
  std::optional<std::int64_t> access_token_lifetime_s;
  std::optional<bool> client_disabled;
  std::optional<bool> refresh_token_allowed;
  std::optional<Sha256> client_secret_hash;  // of a confidential client; ends its jwks
  std::optional<std::string> resources;
  std::optional<std::string> client_jwks;  // of a confidential client; ends its secret
  std::optional<std::string> default_scope;
  std::optional<std::string> allowed_scope;
  static constexpr Fields<&UpdateService::record_id, &UpdateService::service_id,
                          &UpdateService::organization_id, &UpdateService::name,
                          &UpdateService::access_token_lifetime_s, &UpdateService::client_disabled,
                          &UpdateService::refresh_token_allowed, &UpdateService::client_secret_hash,
                          &UpdateService::resources, &UpdateService::client_jwks,
                          &UpdateService::default_scope, &UpdateService::allowed_scope>
      kFields{};
};

// With its clients; its grants end. kNotFound; kConflict: it still has plans or subscriptions.
struct DeleteService {
  RecordId record_id;
  ServiceId service_id;
  OrganizationId organization_id;
  Time deleted_at;
  static constexpr Fields<&DeleteService::record_id, &DeleteService::service_id,
                          &DeleteService::organization_id, &DeleteService::deleted_at>
      kFields{};
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
  static constexpr Fields<&CreatePlan::record_id, &CreatePlan::plan_id,
                          &CreatePlan::organization_id, &CreatePlan::service_id, &CreatePlan::name,
                          &CreatePlan::price_cents, &CreatePlan::currency, &CreatePlan::features,
                          &CreatePlan::created_at>
      kFields{};
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
  static constexpr Fields<&UpdatePlan::record_id, &UpdatePlan::plan_id,
                          &UpdatePlan::organization_id, &UpdatePlan::name, &UpdatePlan::price_cents,
                          &UpdatePlan::currency, &UpdatePlan::features>
      kFields{};
};

// kNotFound; kConflict: subscriptions use it.
struct DeletePlan {
  RecordId record_id;
  PlanId plan_id;
  OrganizationId organization_id;
  static constexpr Fields<&DeletePlan::record_id, &DeletePlan::plan_id,
                          &DeletePlan::organization_id>
      kFields{};
};

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
  static constexpr Fields<&CreateSigningKey::record_id, &CreateSigningKey::signing_key_id,
                          &CreateSigningKey::organization_id, &CreateSigningKey::kid,
                          &CreateSigningKey::algorithm, &CreateSigningKey::state,
                          &CreateSigningKey::public_key, &CreateSigningKey::wrapped_private_key,
                          &CreateSigningKey::created_at>
      kFields{};
};

// Makes a kNext key kCurrent and the former current one of the same organization and algorithm
// kRetired, published until retire_at. kNotFound; kConflict: not in kNext.
struct PromoteSigningKey {
  RecordId record_id;
  SigningKeyId signing_key_id;
  OrganizationId organization_id;
  Time promoted_at;
  Time retire_at;
  static constexpr Fields<&PromoteSigningKey::record_id, &PromoteSigningKey::signing_key_id,
                          &PromoteSigningKey::organization_id, &PromoteSigningKey::promoted_at,
                          &PromoteSigningKey::retire_at>
      kFields{};
};

// A key that is published no longer: nobody can check a token by it any more. kNotFound; kConflict: it
// is the current one, without which the issuer could not sign.
struct DeleteSigningKey {
  RecordId record_id;
  SigningKeyId signing_key_id;
  OrganizationId organization_id;
  static constexpr Fields<&DeleteSigningKey::record_id, &DeleteSigningKey::signing_key_id,
                          &DeleteSigningKey::organization_id>
      kFields{};
};

}  // namespace records
