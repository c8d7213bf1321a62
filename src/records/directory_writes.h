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
#include "records/rows.h"

namespace records {

using base::Time;

// kExists: slug.
struct CreateOrganization {
  RecordId record_id;
  OrganizationRow row;
  static constexpr Fields<&CreateOrganization::record_id, &CreateOrganization::row> kFields{};
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
  DomainRow row;
  static constexpr Fields<&CreateDomain::record_id, &CreateDomain::row> kFields{};
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
  ServiceRow row;
  ClientRow client;
  static constexpr Fields<&CreateService::record_id, &CreateService::row, &CreateService::client>
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
  PlanRow row;
  static constexpr Fields<&CreatePlan::record_id, &CreatePlan::row> kFields{};
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
  SigningKeyRow row;
  static constexpr Fields<&CreateSigningKey::record_id, &CreateSigningKey::row> kFields{};
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
