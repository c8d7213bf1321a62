// The fake's reads.
#include <variant>

#include "store/fake_store.h"
#include "store/sample_records.h"

namespace store_test {

namespace {

using base::Code;
using base::Result;
using base::Status;

Status None() { return Status(Code::kNotFound, "no such row"); }

}  // namespace

Result<std::vector<records::WriteResult>> FakeStore::Apply(
    std::span<const records::Write* const> records,
    std::span<const records::RecordSource* const> origins) {
  std::vector<records::WriteResult> results;
  for (std::size_t i = 0; i < records.size(); ++i) {
    was_over_ = false;
    notes_.clear();
    results.push_back(
        std::visit([this](const auto& record) { return Apply(record); }, *records[i]));
    Audit(*records[i], results.back(), origins.empty() ? records::RecordSource{} : *origins[i]);
  }
  return results;
}

// A record is noted once, and not at all where what it ends was over already.
void FakeStore::Audit(const records::Write& write, const records::WriteResult& result,
                      const records::RecordSource& origin) {
  auto note = records::NoteOf(write, result);
  if (!note || was_over_) return;
  const records::RecordId& record_id = records::RecordIdOf(write);
  if (!noted_.insert({record_id, note->organization_id}).second) return;
  if (!note->user_id) note->user_id = AuditedUser(*note);
  Append(std::move(*note), record_id, origin);
  for (records::AuditNote& beside : notes_) Append(std::move(beside), record_id, origin);
}

void FakeStore::Append(records::AuditNote note, records::RecordId record_id,
                       const records::RecordSource& origin) {
  audit_.push_back(records::RowOf(std::move(note), record_id, origin, kNow));
  audit_.back().sequence = static_cast<std::int64_t>(audit_.size());
}

std::optional<records::UserId> FakeStore::AuditedUser(const records::AuditNote& note) const {
  if (!note.subject_id) return std::nullopt;
  const auto redeemed = grants_.find({note.subject_id->bytes});
  if (redeemed != grants_.end()) return redeemed->second.grant.user_id;
  const auto session = sessions_.find({note.subject_id->bytes});
  if (session != sessions_.end()) return session->second.made.user_id;
  return std::nullopt;
}

Result<const records::ClientRow*> FakeStore::FindClient(std::string_view client_id) {
  for (const auto& [id, client] : clients_) {
    if (client.client_id == client_id) return &client;
  }
  return None();
}

Result<const records::ClientRow*> FakeStore::FindClientByRow(records::OrganizationId org,
                                                             records::ClientRowId id) {
  const auto found = clients_.find(id);
  if (found == clients_.end() || found->second.organization_id != org) return None();
  return &found->second;
}

Result<const records::OrganizationRow*> FakeStore::FindOrganization(records::OrganizationId id) {
  const auto found = organizations_.find(id);
  if (found == organizations_.end()) return None();
  return &found->second.row;
}

Result<const records::OrganizationRow*> FakeStore::FindOrganizationBySlug(std::string_view slug) {
  for (const auto& [id, made] : organizations_) {
    if (made.row.slug == slug) return &made.row;
  }
  return None();
}

Result<const records::DomainRow*> FakeStore::FindDomain(std::string_view host) {
  const auto found = domains_.find(std::string(host));
  if (found == domains_.end()) return None();
  return &found->second.row;
}

Result<const records::ServiceRow*> FakeStore::FindService(records::OrganizationId org,
                                                          records::ServiceId id) {
  const auto found = services_.find(id);
  if (found == services_.end() || found->second.row.organization_id != org) return None();
  return &found->second.row;
}

Result<const records::PlanRow*> FakeStore::FindPlan(records::OrganizationId org,
                                                    records::PlanId id) {
  const auto found = plans_.find(id);
  if (found == plans_.end() || found->second.row.organization_id != org) return None();
  return &found->second.row;
}

Result<const std::vector<records::SigningKeyRow>*> FakeStore::SigningKeys(
    records::OrganizationId org) {
  keys_found_.clear();
  for (auto key = keys_.rbegin(); key != keys_.rend(); ++key) {
    if (key->second.row.organization_id == org) keys_found_.push_back(key->second.row);
  }
  return &keys_found_;
}

Result<records::DeviceCodeRow> FakeStore::Joined(const DeviceCode& code) const {
  records::DeviceCodeRow row = code.row;
  if (row.user_id.is_nil()) return row;
  const auto* user = UserOf(row.organization_id, row.user_id);
  row.user_status = user == nullptr || user->session_epoch != code.session_epoch
                        ? records::UserStatus::kDisabled
                        : user->status;
  if (user != nullptr) row.user_email = user->email;
  return row;
}

Result<records::DeviceCodeRow> FakeStore::FindDeviceCode(records::OrganizationId org,
                                                         records::DeviceCodeId id) {
  const auto found = device_codes_.find(id);
  if (found == device_codes_.end() || found->second.row.organization_id != org) return None();
  return Joined(found->second);
}

Result<records::DeviceCodeRow> FakeStore::FindLiveUserCode(std::string_view user_code) {
  const auto found = live_user_codes_.find(std::string(user_code));
  if (found == live_user_codes_.end()) return None();
  return Joined(device_codes_.at(found->second));
}

Result<records::AccessTokenRow> FakeStore::FindAccessToken(records::AccessTokenId id) {
  const auto found = access_tokens_.find(id);
  if (found == access_tokens_.end()) return None();
  const AccessToken& token = found->second;
  const Grant& redeemed = grants_.at(token.grant);
  const auto* user = UserOf(token.org, redeemed.grant.user_id);
  if (user == nullptr) return None();
  return records::AccessTokenRow{.id = id,
                                 .organization_id = token.org,
                                 .token_hash = token.token.token_hash,
                                 .scope = token.token.scope,
                                 .expires_at = token.token.expires_at,
                                 .resource = token.token.resource,
                                 .grant_id = token.grant,
                                 .grant_revoked = redeemed.revoked_by.has_value(),
                                 .client_row_id = redeemed.client,
                                 .service_id = redeemed.grant.service_id,
                                 .user_id = user->id,
                                 .user_status = user->status,
                                 .user_email = user->email};
}

Result<records::AccessTokenWithSubscription> FakeStore::FindAccessTokenWithSubscription(
    records::AccessTokenId id) {
  auto token = FindAccessToken(id);
  if (!token.ok()) return token.error();
  auto subscription = FindSubscription(token->organization_id, token->user_id, token->service_id);
  return records::AccessTokenWithSubscription{.token = std::move(*token),
                                              .subscription = std::move(*subscription)};
}

Result<std::optional<records::SubscriptionRow>> FakeStore::FindSubscription(
    records::OrganizationId org, records::UserId user, records::ServiceId service) {
  using Found = Result<std::optional<records::SubscriptionRow>>;
  const auto found = subscriptions_.find({user, service});
  if (found == subscriptions_.end() || found->second.row.organization_id != org) {
    return Found(std::nullopt);
  }
  return Found(found->second.row);
}

Result<records::RefreshTokenRow> FakeStore::FindRefreshToken(records::RefreshTokenId id) {
  const auto found = refresh_tokens_.find(id);
  if (found == refresh_tokens_.end()) return None();
  const RefreshToken& token = found->second;
  const Grant& redeemed = grants_.at(token.grant);
  const auto* user = UserOf(token.org, redeemed.grant.user_id);
  if (user == nullptr) return None();
  return records::RefreshTokenRow{.id = id,
                                  .organization_id = token.org,
                                  .grant_id = token.grant,
                                  .secret_hash = token.token.secret_hash,
                                  .sequence = token.sequence,
                                  .expires_at = token.token.expires_at,
                                  .rotated_at = token.rotated_at,
                                  .client_row_id = redeemed.client,
                                  .service_id = redeemed.grant.service_id,
                                  .user_id = user->id,
                                  .user_status = user->status,
                                  .user_email = user->email,
                                  .scope = redeemed.grant.scope,
                                  .issuer = redeemed.grant.issuer,
                                  .amr = redeemed.grant.amr,
                                  .auth_time = redeemed.grant.auth_time,
                                  .grant_expires_at = redeemed.grant.expires_at,
                                  .grant_revoked = redeemed.revoked_by.has_value(),
                                  .resource = redeemed.grant.resource};
}

Result<records::UserRow> FakeStore::FindUser(records::OrganizationId org, records::UserId id) {
  const auto* user = UserOf(org, id);
  if (user == nullptr) return None();
  return *user;
}

Result<records::UserRow> FakeStore::FindUserByEmail(records::OrganizationId org,
                                                    std::string_view email) {
  for (const auto& [id, made] : users_) {
    if (made.row.organization_id == org && made.row.email == email) return made.row;
  }
  return None();
}

Result<records::SessionRow> FakeStore::FindSession(records::OrganizationId org,
                                                   records::SessionId id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second.ended) return None();
  const records::CreateSession& made = found->second.made;
  const auto* user = UserOf(made.organization_id, made.user_id);
  if (made.organization_id != org || user == nullptr) return None();
  return records::SessionRow{.id = id,
                             .organization_id = org,
                             .user_id = made.user_id,
                             .secret_hash = made.secret_hash,
                             .amr = made.amr,
                             .auth_time = made.auth_time,
                             .expires_at = made.expires_at,
                             .user_status = user->status,
                             .user_session_epoch = user->session_epoch,
                             .user_email = user->email};
}

Result<std::vector<std::string>> FakeStore::FindServiceNames(records::OrganizationId org) {
  std::map<std::string, std::string> by_slug;
  for (const auto& [id, made] : services_) {
    if (made.row.organization_id == org) by_slug[made.row.slug] = made.row.name;
  }
  std::vector<std::string> names;
  for (const auto& [slug, name] : by_slug) names.insert(names.end(), {slug, name});
  return names;
}

Result<records::PasswordLinkRow> FakeStore::FindPasswordLink(records::PasswordLinkId id) {
  const auto found = password_links_.find(id);
  if (found == password_links_.end() || found->second.ended) return None();
  const records::CreatePasswordLink& made = found->second.made;
  const auto* user = UserOf(made.organization_id, made.user_id);
  if (user == nullptr) return None();
  const bool still_stands =
      HasSessionEpoch(made.organization_id, made.user_id, found->second.session_epoch);
  if (!found->second.used_by && !still_stands) return None();
  return records::PasswordLinkRow{.id = id,
                                  .organization_id = made.organization_id,
                                  .user_id = made.user_id,
                                  .secret_hash = made.secret_hash,
                                  .expires_at = made.expires_at,
                                  .used_by_record = found->second.used_by,
                                  .user_email = user->email};
}

Result<bool> FakeStore::IsPlatformOwner(records::UserId user) {
  const auto found = memberships_.find({user, records::kPlatformOrganizationId});
  return found != memberships_.end() && found->second.role == records::Role::kOwner;
}

}  // namespace store_test
