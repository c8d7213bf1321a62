// Writes of users, subscriptions and memberships.
// Plain values; records/writes.h says what holds for all of them.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "records/enums.h"
#include "records/fields.h"
#include "records/ids.h"
#include "records/rows.h"

namespace records {

using base::Time;

// kExists: email in the organization; kNotFound: no such organization.
struct CreateUser {
  RecordId record_id;
  UserRow row;
  static constexpr Fields<&CreateUser::record_id, &CreateUser::row> kFields{};
};

// A user who was somebody's elsewhere: the same with a state and a time of its own, and with a
// password hash of any form that sign-in knows (crypto/passwords/). kExists: email in the
// organization, or the id in the whole server; kNotFound: no such organization. The id may have
// been a deleted user's: nothing that was begun for that one is good again.
struct ImportUser {
  RecordId record_id;
  UserRow row;
  Time imported_at;
  static constexpr Fields<&ImportUser::record_id, &ImportUser::row, &ImportUser::imported_at>
      kFields{};
};

// Disabling ends grants and sessions; another e-mail ends what was only begun (UserRow::session_epoch).
// kNotFound; kExists: email; kConflict: it would disable the last platform owner.
struct UpdateUser {
  RecordId record_id;
  UserId user_id;
  OrganizationId organization_id;
  std::optional<std::string> email;
  std::optional<UserStatus> status;
  std::optional<Time> unlocked_at;  // wrong passwords before it count no more
  Time updated_at;
  static constexpr Fields<&UpdateUser::record_id, &UpdateUser::user_id,
                          &UpdateUser::organization_id, &UpdateUser::email, &UpdateUser::status,
                          &UpdateUser::unlocked_at, &UpdateUser::updated_at>
      kFields{};
};

// With subscriptions, memberships, links, sessions; grants end. kNotFound; kConflict: the last
// platform owner.
struct DeleteUser {
  RecordId record_id;
  UserId user_id;
  OrganizationId organization_id;
  Time deleted_at;
  static constexpr Fields<&DeleteUser::record_id, &DeleteUser::user_id,
                          &DeleteUser::organization_id, &DeleteUser::deleted_at>
      kFields{};
};

// One a user and service. kExists; kNotFound: user or plan not in the organization.
struct CreateSubscription {
  RecordId record_id;
  SubscriptionRow row;
  static constexpr Fields<&CreateSubscription::record_id, &CreateSubscription::row> kFields{};
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
  static constexpr Fields<&UpdateSubscription::record_id, &UpdateSubscription::organization_id,
                          &UpdateSubscription::user_id, &UpdateSubscription::service_id,
                          &UpdateSubscription::plan_id, &UpdateSubscription::status,
                          &UpdateSubscription::current_period_end>
      kFields{};
};

// kNotFound.
struct DeleteSubscription {
  RecordId record_id;
  OrganizationId organization_id;
  UserId user_id;
  ServiceId service_id;
  static constexpr Fields<&DeleteSubscription::record_id, &DeleteSubscription::organization_id,
                          &DeleteSubscription::user_id, &DeleteSubscription::service_id>
      kFields{};
};

// A user of `platform` administers an organization. kExists; kNotFound.
struct CreateMembership {
  RecordId record_id;
  UserId user_id;
  OrganizationId organization_id;
  Role role = Role::kMember;
  Time created_at;
  static constexpr Fields<&CreateMembership::record_id, &CreateMembership::user_id,
                          &CreateMembership::organization_id, &CreateMembership::role,
                          &CreateMembership::created_at>
      kFields{};
};

}  // namespace records
