// The fake's organizations, services, plans, users, subscriptions, memberships and keys.
#include <algorithm>

#include "records/password_hash.h"
#include "store/fake_store.h"

namespace store_test {

using base::Code;
using records::WriteResult;

namespace {

// The row of `map` in organization `org` that `matches`, or null.
template <class Map, class Matches>
auto FindIn(Map& map, Matches matches) -> decltype(&map.begin()->second) {
  for (auto& [key, made] : map) {
    if (matches(made.row)) return &made;
  }
  return nullptr;
}

// What a create answers where its unique key is taken by `made`.
template <class Made>
WriteResult Taken(const Made& made, const records::RecordId& record_id) {
  return made.by == record_id ? Ok(made.row.id) : No(Code::kExists);
}

template <class T>
void SetIf(T& target, const std::optional<T>& value) {
  if (value) target = *value;
}
template <class T>
void SetIf(std::optional<T>& target, const std::optional<T>& value) {
  if (value) target = value;
}

// What the update says of members that the row has by the same name.
template <class Row, class Update>
void SetChanged(Row& row, const Update& update) {
  records::ForEachMember(
      Update::kFields, [&]<auto kChange>() {
        records::ForEachMember(
            Row::kFields, [&]<auto kMember>() {
              if constexpr (records::MemberName<kChange>() == records::MemberName<kMember>()) {
                if constexpr (requires { (update.*kChange).has_value(); }) {
                  SetIf(row.*kMember, update.*kChange);
                }
              }
            });
      });
}

}  // namespace

FakeStore::FakeStore(const store::RowLimits& limits) : limits_(limits) {
  organizations_[records::kPlatformOrganizationId].row = {.id = records::kPlatformOrganizationId,
                                                          .slug = "platform",
                                                          .name = "Platform",
                                                          .created_at = {},
                                                          .updated_at = {}};
}

WriteResult FakeStore::Missing(records::RecordId record_id, records::OrganizationId org) const {
  return seen_records_.contains({record_id, org}) ? WriteResult{.code = Code::kOk}
                                                  : No(Code::kNotFound);
}

const records::UserRow* FakeStore::UserOf(records::OrganizationId org, records::UserId id) const {
  const auto found = users_.find(id);
  return found != users_.end() && found->second.row.organization_id == org ? &found->second.row
                                                                           : nullptr;
}

WriteResult FakeStore::Apply(const records::CreateOrganization& r) {
  if (const auto* made =
          FindIn(organizations_, [&](const auto& row) { return row.slug == r.row.slug; })) {
    return Taken(*made, r.record_id);
  }
  organizations_[r.row.id] = {r.row, r.record_id};
  return Ok(r.row.id);
}

WriteResult FakeStore::Apply(const records::UpdateOrganization& r) {
  const auto found = organizations_.find(r.organization_id);
  if (found == organizations_.end()) return No(Code::kNotFound);
  SetChanged(found->second.row, r);
  found->second.row.updated_at = r.updated_at;
  return Ok(r.organization_id);
}

WriteResult FakeStore::Apply(const records::DeleteOrganization& r) {
  const auto org = r.organization_id;
  if (org == records::kPlatformOrganizationId) return No(Code::kDenied);
  if (!organizations_.contains(org)) return Missing(r.record_id, org);
  const auto is_its = [&](const auto& row) { return row.organization_id == org; };
  if (FindIn(services_, is_its) || FindIn(users_, is_its)) return No(Code::kConflict);
  organizations_.erase(org);
  std::erase_if(memberships_, [&](const auto& entry) { return entry.first.second == org; });
  std::erase_if(keys_, [&](const auto& entry) { return entry.second.row.organization_id == org; });
  std::erase_if(domains_,
                [&](const auto& entry) { return entry.second.row.organization_id == org; });
  seen_records_.insert({r.record_id, org});
  return Ok(org);
}

WriteResult FakeStore::Apply(const records::CreateDomain& r) {
  const auto org = r.row.organization_id;
  if (org == records::kPlatformOrganizationId) return No(Code::kDenied);
  if (!organizations_.contains(org)) return No(Code::kNotFound);
  if (const auto found = domains_.find(r.row.host); found != domains_.end()) {
    return found->second.by == r.record_id ? Ok(org) : No(Code::kExists);
  }
  domains_[r.row.host] = {r.row, r.record_id};
  return Ok(org);
}

WriteResult FakeStore::Apply(const records::DeleteDomain& r) {
  const auto found = domains_.find(r.host);
  if (found == domains_.end() || found->second.row.organization_id != r.organization_id) {
    return Missing(r.record_id, r.organization_id);
  }
  for (const auto& [id, client] : clients_) {
    if (client.issuer == found->second.row.Issuer()) return No(Code::kConflict);
  }
  domains_.erase(found);
  seen_records_.insert({r.record_id, r.organization_id});
  return Ok(r.organization_id);
}

bool FakeStore::HasIssuer(records::OrganizationId org, const std::string& issuer) const {
  if (org == records::kPlatformOrganizationId) return false;
  if (issuer == "/o/" + organizations_.at(org).row.slug) return true;
  return std::ranges::any_of(domains_, [&](const auto& domain) {
    return domain.second.row.organization_id == org && domain.second.row.Issuer() == issuer;
  });
}

WriteResult FakeStore::Apply(const records::CreateService& r) {
  if (!organizations_.contains(r.row.organization_id)) return No(Code::kNotFound);
  if (!r.client.issuer.empty() && !HasIssuer(r.row.organization_id, r.client.issuer)) {
    return No(Code::kNotFound);
  }
  if (const auto* made = FindIn(services_, [&](const auto& row) {
        return row.organization_id == r.row.organization_id && row.slug == r.row.slug;
      })) {
    return Taken(*made, r.record_id);
  }
  for (const auto& [id, client] : clients_) {
    if (client.client_id == r.client.client_id) return No(Code::kExists);
  }
  services_[r.row.id] = {r.row, r.record_id};
  clients_[r.client.id] = r.client;
  return Ok(r.row.id);
}

WriteResult FakeStore::Apply(const records::UpdateService& r) {
  const auto found = services_.find(r.service_id);
  if (found == services_.end() || found->second.row.organization_id != r.organization_id) {
    return No(Code::kNotFound);
  }
  SetChanged(found->second.row, r);
  for (auto& [id, client] : clients_) {
    if (client.service_id != r.service_id) continue;
    SetIf(client.disabled, r.client_disabled);
    SetChanged(client, r);
    if (r.client_secret_hash) {
      client.secret_hash = r.client_secret_hash;
      client.jwks.clear();
    }
    if (r.client_jwks) {
      client.jwks = *r.client_jwks;
      client.secret_hash.reset();
    }
  }
  return Ok(r.service_id);
}

bool FakeStore::IsInUse(records::OrganizationId org, records::ServiceId service) const {
  const auto hangs_on_it = [&](const auto& row) {
    return row.organization_id == org && row.service_id == service;
  };
  return FindIn(plans_, hangs_on_it) || FindIn(subscriptions_, hangs_on_it);
}

WriteResult FakeStore::Apply(const records::DeleteService& r) {
  const auto found = services_.find(r.service_id);
  if (found == services_.end() || found->second.row.organization_id != r.organization_id) {
    return Missing(r.record_id, r.organization_id);
  }
  if (IsInUse(r.organization_id, r.service_id)) return No(Code::kConflict);
  services_.erase(found);
  std::erase_if(clients_, [&](const auto& e) { return e.second.service_id == r.service_id; });
  for (auto& [id, redeemed] : grants_) {
    if (redeemed.grant.service_id == r.service_id && !redeemed.revoked_by) {
      redeemed.revoked_by = r.record_id;
    }
  }
  seen_records_.insert({r.record_id, r.organization_id});
  return Ok(r.service_id);
}

WriteResult FakeStore::Apply(const records::CreatePlan& r) {
  const auto service = services_.find(r.row.service_id);
  if (service == services_.end() || service->second.row.organization_id != r.row.organization_id) {
    return No(Code::kNotFound);
  }
  if (const auto* made = FindIn(plans_, [&](const auto& row) {
        return row.service_id == r.row.service_id && row.name == r.row.name;
      })) {
    return Taken(*made, r.record_id);
  }
  plans_[r.row.id] = {r.row, r.record_id};
  return Ok(r.row.id);
}

WriteResult FakeStore::Apply(const records::UpdatePlan& r) {
  const auto found = plans_.find(r.plan_id);
  if (found == plans_.end() || found->second.row.organization_id != r.organization_id) {
    return No(Code::kNotFound);
  }
  records::PlanRow& plan = found->second.row;
  const auto is_taken = [&](const auto& row) {
    return row.id != r.plan_id && row.service_id == plan.service_id && row.name == r.name;
  };
  if (r.name && FindIn(plans_, is_taken)) return No(Code::kExists);
  SetChanged(plan, r);
  return Ok(r.plan_id);
}

WriteResult FakeStore::Apply(const records::DeletePlan& r) {
  const auto found = plans_.find(r.plan_id);
  if (found == plans_.end() || found->second.row.organization_id != r.organization_id) {
    return Missing(r.record_id, r.organization_id);
  }
  if (FindIn(subscriptions_, [&](const auto& row) { return row.plan_id == r.plan_id; })) {
    return No(Code::kConflict);
  }
  plans_.erase(found);
  seen_records_.insert({r.record_id, r.organization_id});
  return Ok(r.plan_id);
}

WriteResult FakeStore::InsertUser(const records::UserRow& row, records::RecordId record_id) {
  if (!organizations_.contains(row.organization_id)) return No(Code::kNotFound);
  if (const auto* made = FindIn(users_, [&](const auto& other) {
        return other.organization_id == row.organization_id && other.email == row.email;
      })) {
    return Taken(*made, record_id);
  }
  if (users_.contains(row.id)) return No(Code::kExists);
  users_[row.id] = {row, record_id};
  return Ok(row.id);
}

WriteResult FakeStore::Apply(const records::CreateUser& r) {
  return InsertUser(r.row, r.record_id);
}

WriteResult FakeStore::Apply(const records::ImportUser& r) {
  records::UserRow row = r.row;
  row.session_epoch = r.imported_at.time_since_epoch().count();
  row.updated_at = r.imported_at;
  return InsertUser(row, r.record_id);
}

WriteResult FakeStore::Apply(const records::ReplacePasswordHash& r) {
  if (r.former_hash.empty() || records::IsCurrentHash(r.former_hash) ||
      !records::IsCurrentHash(r.password_hash)) {
    return No(Code::kDenied);
  }
  if (UserOf(r.organization_id, r.user_id) == nullptr) return No(Code::kNotFound);
  records::UserRow& row = users_[r.user_id].row;
  if (row.password_hash == r.password_hash) return Ok(r.user_id);
  if (row.password_hash != r.former_hash) return No(Code::kConflict);
  row.password_hash = r.password_hash;
  row.updated_at = r.replaced_at;
  return Ok(r.user_id);
}

bool FakeStore::IsLastPlatformOwner(records::UserId user) {
  const auto is_other = [&](const auto& entry) {
    const auto* row = UserOf(records::kPlatformOrganizationId, entry.first.first);
    return entry.first.second == records::kPlatformOrganizationId &&
           entry.second.role == records::Role::kOwner && entry.first.first != user &&
           row != nullptr && row->status == records::UserStatus::kActive;
  };
  return *IsPlatformOwner(user) && std::ranges::none_of(memberships_, is_other);
}

WriteResult FakeStore::Apply(const records::UpdateUser& r) {
  const auto found = users_.find(r.user_id);
  if (found == users_.end() || found->second.row.organization_id != r.organization_id) {
    return No(Code::kNotFound);
  }
  const auto is_taken = [&](const auto& row) {
    return row.id != r.user_id && row.organization_id == r.organization_id && row.email == r.email;
  };
  if (r.email && FindIn(users_, is_taken)) return No(Code::kExists);
  if (r.status == records::UserStatus::kDisabled && IsLastPlatformOwner(r.user_id)) {
    return No(Code::kConflict);
  }
  records::UserRow& user = found->second.row;
  if (r.email && *r.email != user.email) ++user.session_epoch;
  if (r.unlocked_at) user.guesses = 0, user.guesses_since = {};
  SetChanged(user, r);
  user.updated_at = r.updated_at;
  if (r.status == records::UserStatus::kDisabled) {
    EndUserGrants(r.organization_id, r.user_id, r.record_id);
  }
  return Ok(r.user_id);
}

WriteResult FakeStore::Apply(const records::DeleteUser& r) {
  if (UserOf(r.organization_id, r.user_id) == nullptr) {
    return Missing(r.record_id, r.organization_id);
  }
  if (IsLastPlatformOwner(r.user_id)) return No(Code::kConflict);
  users_.erase(r.user_id);
  std::erase_if(memberships_, [&](const auto& e) { return e.first.first == r.user_id; });
  std::erase_if(subscriptions_, [&](const auto& e) { return e.first.first == r.user_id; });
  std::erase_if(password_links_, [&](const auto& e) { return e.second.made.user_id == r.user_id; });
  EndUserGrants(r.organization_id, r.user_id, r.record_id);
  seen_records_.insert({r.record_id, r.organization_id});
  return Ok(r.user_id);
}

WriteResult FakeStore::Apply(const records::CreateSubscription& r) {
  const auto plan = plans_.find(r.row.plan_id);
  if (UserOf(r.row.organization_id, r.row.user_id) == nullptr || plan == plans_.end() ||
      plan->second.row.organization_id != r.row.organization_id ||
      plan->second.row.service_id != r.row.service_id) {
    return No(Code::kNotFound);
  }
  const auto found = subscriptions_.find({r.row.user_id, r.row.service_id});
  if (found != subscriptions_.end()) return Taken(found->second, r.record_id);
  subscriptions_[{r.row.user_id, r.row.service_id}] = {r.row, r.record_id};
  return Ok(r.row.id);
}

WriteResult FakeStore::Apply(const records::UpdateSubscription& r) {
  const auto found = subscriptions_.find({r.user_id, r.service_id});
  if (found == subscriptions_.end() || found->second.row.organization_id != r.organization_id) {
    return No(Code::kNotFound);
  }
  if (r.plan_id) {
    const auto plan = plans_.find(*r.plan_id);
    if (plan == plans_.end() || plan->second.row.service_id != r.service_id) {
      return No(Code::kNotFound);
    }
  }
  SetChanged(found->second.row, r);
  return {.code = Code::kOk};
}

WriteResult FakeStore::Apply(const records::DeleteSubscription& r) {
  const auto found = subscriptions_.find({r.user_id, r.service_id});
  if (found == subscriptions_.end() || found->second.row.organization_id != r.organization_id) {
    return Missing(r.record_id, r.organization_id);
  }
  subscriptions_.erase(found);
  seen_records_.insert({r.record_id, r.organization_id});
  return {.code = Code::kOk};
}

WriteResult FakeStore::Apply(const records::CreateMembership& r) {
  if (UserOf(records::kPlatformOrganizationId, r.user_id) == nullptr ||
      !organizations_.contains(r.organization_id)) {
    return No(Code::kNotFound);
  }
  const auto [entry, is_new] = memberships_.try_emplace({r.user_id, r.organization_id}, r);
  return is_new || entry->second.record_id == r.record_id ? Ok(r.user_id) : No(Code::kExists);
}

FakeStore::Key* FakeStore::CurrentKey(records::OrganizationId org,
                                      records::SigningAlgorithm algorithm) {
  return FindIn(keys_, [&](const auto& row) {
    return row.organization_id == org && row.algorithm == algorithm &&
           row.state == records::SigningKeyState::kCurrent;
  });
}

WriteResult FakeStore::Apply(const records::CreateSigningKey& r) {
  if (const auto* made = FindIn(keys_, [&](const auto& row) {
        return row.organization_id == r.row.organization_id && row.kid == r.row.kid;
      })) {
    return Taken(*made, r.record_id);
  }
  if (r.row.state == records::SigningKeyState::kCurrent &&
      CurrentKey(r.row.organization_id, r.row.algorithm)) {
    return No(Code::kExists);
  }
  keys_[r.row.id] = {.row = r.row, .by = r.record_id, .promoted_by = {}};
  return Ok(r.row.id);
}

WriteResult FakeStore::Apply(const records::PromoteSigningKey& r) {
  const auto found = keys_.find(r.signing_key_id);
  if (found == keys_.end() || found->second.row.organization_id != r.organization_id) {
    return No(Code::kNotFound);
  }
  Key& key = found->second;
  if (key.promoted_by == r.record_id) return Ok(r.signing_key_id);
  if (key.row.state != records::SigningKeyState::kNext) return No(Code::kConflict);
  if (Key* former = CurrentKey(r.organization_id, key.row.algorithm)) {
    former->row.state = records::SigningKeyState::kRetired;
    former->row.retire_at = r.retire_at;
  }
  key.row.state = records::SigningKeyState::kCurrent;
  key.promoted_by = r.record_id;
  return Ok(r.signing_key_id);
}

WriteResult FakeStore::Apply(const records::DeleteSigningKey& r) {
  const auto found = keys_.find(r.signing_key_id);
  if (found == keys_.end() || found->second.row.organization_id != r.organization_id) {
    return Missing(r.record_id, r.organization_id);
  }
  if (found->second.row.state == records::SigningKeyState::kCurrent) return No(Code::kConflict);
  keys_.erase(found);
  seen_records_.insert({r.record_id, r.organization_id});
  return Ok(r.signing_key_id);
}

WriteResult FakeStore::Apply(const records::Probe&) { return {.code = Code::kOk}; }

}  // namespace store_test
