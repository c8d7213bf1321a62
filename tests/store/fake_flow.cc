// The fake's device flow, grants, sign-ins and password links.
#include <algorithm>

#include "store/fake_store.h"

namespace store_test {

using base::Code;
using records::DeviceCodeState;
using records::WriteResult;

bool FakeStore::IsReplay(const std::optional<records::UsedAssertion>& assertion,
                         records::RecordId record_id) const {
  if (!assertion) return false;
  const auto found = used_assertions_.find({assertion->client_row_id, assertion->jti_hash});
  return found != used_assertions_.end() && found->second != record_id;
}

WriteResult FakeStore::Use(const std::optional<records::UsedAssertion>& assertion,
                           records::RecordId record_id, WriteResult result) {
  if (assertion && result.code == Code::kOk) {
    used_assertions_[{assertion->client_row_id, assertion->jti_hash}] = record_id;
  }
  return result;
}

WriteResult FakeStore::Apply(const records::CreateDeviceCode& r) {
  if (IsReplay(r.assertion, r.record_id)) return No(Code::kInvalid);
  return Use(r.assertion, r.record_id, Create(r));
}

WriteResult FakeStore::Apply(const records::RedeemDeviceCode& r) {
  if (IsReplay(r.assertion, r.record_id)) return No(Code::kInvalid);
  return Use(r.assertion, r.record_id, Redeem(r));
}

WriteResult FakeStore::Apply(const records::RotateRefreshToken& r) {
  if (IsReplay(r.assertion, r.record_id)) return No(Code::kInvalid);
  return Use(r.assertion, r.record_id, Rotate(r));
}

WriteResult FakeStore::Create(const records::CreateDeviceCode& r) {
  if (const auto found = device_codes_.find(r.device_code_id); found != device_codes_.end()) {
    return found->second.row.secret_hash == r.secret_hash ? Ok(r.device_code_id)
                                                          : No(Code::kExists);
  }
  if (const Code room = RoomFor(r); room != Code::kOk) return No(room);
  if (!live_user_codes_.emplace(r.user_code, r.device_code_id).second) return No(Code::kExists);
  DeviceCode code;
  code.row = {.id = r.device_code_id,
              .organization_id = r.organization_id,
              .client_row_id = r.client_row_id,
              .service_id = r.service_id,
              .secret_hash = r.secret_hash,
              .user_code = r.user_code,
              .scope = r.scope,
              .issuer = r.issuer,
              .address = r.address,
              .device_name = r.device_name,
              .created_at = r.created_at,
              .expires_at = r.expires_at,
              .resource = r.resource,
              .user_id = {},
              .amr = {},
              .auth_time = {},
              .user_email = {},
              .redeemed_at = {},
              .grant_id = {}};
  device_codes_.emplace(r.device_code_id, code);
  return Ok(r.device_code_id);
}

WriteResult FakeStore::Apply(const records::DecideDeviceCode& r) {
  const auto found = device_codes_.find(r.device_code_id);
  if (found == device_codes_.end() || found->second.row.organization_id != r.organization_id) {
    return No(Code::kNotFound);
  }
  DeviceCode& code = found->second;
  if (code.decided_by == r.record_id) return Ok(r.device_code_id);
  if (code.row.state != DeviceCodeState::kPending) return No(Code::kConflict);
  if (code.row.expires_at <= r.decided_at) return No(Code::kExpired);
  if (r.approve && !HasSessionEpoch(r.organization_id, r.user_id, r.session_epoch)) {
    return No(Code::kDenied);
  }
  code.decided_by = r.record_id;
  code.session_epoch = r.session_epoch;
  code.row.state = r.approve ? DeviceCodeState::kApproved : DeviceCodeState::kDenied;
  code.row.user_id = r.user_id;
  code.row.amr = r.amr;
  code.row.auth_time = r.auth_time;
  live_user_codes_.erase(code.row.user_code);
  return Ok(r.device_code_id);
}

Code FakeStore::RoomFor(const records::CreateDeviceCode& record) const {
  const auto all = static_cast<std::int64_t>(live_user_codes_.size());
  const std::int64_t network = store::NetworkNumberOf(record.address);
  const std::int64_t provider = store::ProviderNumberOf(network);
  std::int64_t of_client = 0;
  std::int64_t held = 0;
  std::int64_t held_of_client = 0;
  for (const auto& [user_code, id] : live_user_codes_) {
    const records::DeviceCodeRow& row = device_codes_.at(id).row;
    const std::int64_t other = store::NetworkNumberOf(row.address);
    const bool is_near = provider != 0 && store::ProviderNumberOf(other) == provider;
    const std::int64_t own = other == network ? 1 : 0;
    const std::int64_t weight = provider == 0 ? own : store::WeightOfSite(own, is_near ? 1 : 0);
    const bool is_of_client = row.client_row_id == record.client_row_id;
    of_client += is_of_client ? 1 : 0;
    held += weight;
    held_of_client += is_of_client ? weight : 0;
  }
  const std::int64_t limit = limits_.live_codes_per_client;
  if (limit > 0 && of_client >= limit) return Code::kDenied;
  if (limits_.live_codes > 0 && all >= limits_.live_codes) return Code::kFull;
  const std::int64_t times = record.is_by_page ? store::kPagesPart : 1;
  const bool has_its_part =
      store::HasItsPart(times * held_of_client, of_client, limit, store::kPartsOfAClientsRoom) ||
      store::HasItsPart(times * held, all, limits_.live_codes, store::kPartsOfTheWholeRoom);
  return has_its_part ? Code::kDenied : Code::kOk;
}

void FakeStore::EndOldestGrants(records::OrganizationId org, records::UserId user,
                                records::RecordId by) {
  std::int64_t newer = 0;
  for (auto at = grants_.rbegin(); at != grants_.rend(); ++at) {
    auto& [id, redeemed] = *at;
    if (redeemed.org != org || redeemed.grant.user_id != user || redeemed.revoked_by) continue;
    if (limits_.grants_per_user == 0 || newer++ < limits_.grants_per_user) continue;
    redeemed.revoked_by = by;
    notes_.push_back({.event = records::AuditEvent::kGrantRevoked,
                      .organization_id = org,
                      .user_id = user,
                      .subject_id = records::AuditSubjectId{id.bytes},
                      .detail = std::string(records::kEndedByLimit)});
  }
}

void FakeStore::EndOldestSessions(records::OrganizationId org, records::UserId user) {
  std::int64_t newer = 0;
  for (auto at = sessions_.rbegin(); at != sessions_.rend(); ++at) {
    auto& [id, session] = *at;
    const records::CreateSession& made = session.made;
    if (made.organization_id != org || made.user_id != user || session.ended) continue;
    if (limits_.sessions_per_user == 0 || newer++ < limits_.sessions_per_user) continue;
    session.ended = true;
    notes_.push_back({.event = records::AuditEvent::kSignedOut,
                      .organization_id = org,
                      .user_id = user,
                      .subject_id = records::AuditSubjectId{id.bytes},
                      .detail = std::string(records::kEndedByLimit)});
  }
}

bool FakeStore::HasAccessToken(const records::NewAccessToken& token,
                               records::GrantId redeemed) const {
  const auto found = access_tokens_.find(token.id);
  return found != access_tokens_.end() && found->second.grant == redeemed &&
         found->second.token.token_hash == token.token_hash;
}

bool FakeStore::MayIssue(const records::RedeemDeviceCode& r) const {
  const bool has_refresh_token = r.refresh_token && refresh_tokens_.contains(r.refresh_token->id);
  return !grants_.contains(r.grant.id) && !access_tokens_.contains(r.access_token.id) &&
         !has_refresh_token;
}

void FakeStore::Issue(const records::RedeemDeviceCode& r, DeviceCode& code) {
  code.row.state = DeviceCodeState::kRedeemed;
  code.row.redeemed_at = r.redeemed_at;
  code.row.grant_id = r.grant.id;
  code.redeemed_by = r.record_id;
  grants_[r.grant.id] = {r.grant, r.organization_id, r.client_row_id, std::nullopt};
  access_tokens_[r.access_token.id] = {r.access_token, r.organization_id, r.grant.id};
  if (!r.refresh_token) return;
  refresh_tokens_[r.refresh_token->id] = {.token = *r.refresh_token,
                                          .org = r.organization_id,
                                          .grant = r.grant.id,
                                          .rotated_at = {},
                                          .rotated_by = {},
                                          .successor = {}};
}

WriteResult FakeStore::Redeem(const records::RedeemDeviceCode& r) {
  const auto found = device_codes_.find(r.device_code_id);
  if (found == device_codes_.end() || found->second.row.organization_id != r.organization_id ||
      found->second.row.client_row_id != r.client_row_id) {
    return No(Code::kNotFound);
  }
  DeviceCode& code = found->second;
  const bool is_sent_again = code.redeemed_by == r.record_id;
  if (is_sent_again && grants_.contains(r.grant.id)) return Ok(r.grant.id);
  if (!is_sent_again && code.row.state != DeviceCodeState::kApproved) return No(Code::kConflict);
  if (!is_sent_again && !HasSessionEpoch(r.organization_id, code.row.user_id, code.session_epoch)) {
    return No(Code::kDenied);
  }
  if (!MayIssue(r)) return No(Code::kExists);
  Issue(r, code);
  EndOldestGrants(r.organization_id, r.grant.user_id, r.record_id);
  return Ok(r.grant.id);
}

WriteResult FakeStore::Replay(const records::RotateRefreshToken& r, const RefreshToken& parent,
                              Grant& redeemed) {
  const auto successor = refresh_tokens_.find(parent.successor);
  const bool is_unused = successor != refresh_tokens_.end() && !successor->second.rotated_at;
  const bool is_sent_again =
      parent.rotated_by == r.record_id || HasAccessToken(r.access_token, r.grant_id);
  if (is_sent_again || (is_unused && r.rotated_at < *parent.rotated_at + r.replay_grace)) {
    access_tokens_[r.access_token.id] = {r.access_token, r.organization_id, r.grant_id};
    return Ok(parent.successor);
  }
  redeemed.revoked_by = r.record_id;
  return No(Code::kConflict);
}

WriteResult FakeStore::Rotate(const records::RotateRefreshToken& r) {
  const auto found = refresh_tokens_.find(r.parent_id);
  if (found == refresh_tokens_.end() || found->second.org != r.organization_id ||
      found->second.grant != r.grant_id) {
    return No(Code::kNotFound);
  }
  RefreshToken& parent = found->second;
  Grant& redeemed = grants_.at(r.grant_id);
  if (redeemed.revoked_by) {
    return No(redeemed.revoked_by == r.record_id ? Code::kConflict : Code::kNotFound);
  }
  if (redeemed.grant.expires_at <= r.rotated_at) return No(Code::kExpired);
  if (parent.rotated_at) return Replay(r, parent, redeemed);
  if (parent.token.expires_at <= r.rotated_at) return No(Code::kExpired);
  if (refresh_tokens_.contains(r.successor.id)) return No(Code::kExists);
  if (access_tokens_.contains(r.access_token.id)) return No(Code::kExists);
  parent.rotated_at = r.rotated_at;
  parent.rotated_by = r.record_id;
  parent.successor = r.successor.id;
  access_tokens_[r.access_token.id] = {r.access_token, r.organization_id, r.grant_id};
  refresh_tokens_[r.successor.id] = {.token = r.successor,
                                     .org = r.organization_id,
                                     .grant = r.grant_id,
                                     .sequence = parent.sequence + 1,
                                     .rotated_at = {},
                                     .rotated_by = {},
                                     .successor = {}};
  return Ok(r.successor.id);
}

WriteResult FakeStore::Apply(const records::RevokeGrant& r) {
  const auto found = grants_.find(r.grant_id);
  if (found == grants_.end() || found->second.org != r.organization_id) {
    return No(Code::kNotFound);
  }
  was_over_ = found->second.revoked_by.has_value();
  if (!was_over_) found->second.revoked_by = r.record_id;
  WriteResult result = Ok(r.grant_id);
  result.count = found->second.revoked_by == r.record_id ? 1 : 0;
  return result;
}

bool FakeStore::HasSessionEpoch(records::OrganizationId org, records::UserId user,
                                std::int64_t epoch) const {
  const auto* row = UserOf(org, user);
  return row != nullptr && row->status == records::UserStatus::kActive &&
         row->session_epoch == epoch;
}

std::int64_t FakeStore::EndUserGrants(records::OrganizationId org, records::UserId user,
                                      records::RecordId by) {
  std::int64_t ended = 0;
  for (auto& [id, redeemed] : grants_) {
    if (redeemed.org != org || redeemed.grant.user_id != user) continue;
    if (!redeemed.revoked_by) redeemed.revoked_by = by;
    ended += redeemed.revoked_by == by;
  }
  for (auto& [id, session] : sessions_) {
    if (session.made.organization_id == org && session.made.user_id == user) session.ended = true;
  }
  const auto found = users_.find(user);
  if (found != users_.end() && found->second.row.organization_id == org) {
    ++found->second.row.session_epoch;
  }
  return ended;
}

WriteResult FakeStore::Apply(const records::RevokeUserGrants& r) {
  WriteResult result = Ok(r.user_id);
  result.count = EndUserGrants(r.organization_id, r.user_id, r.record_id);
  return result;
}

WriteResult FakeStore::Apply(const records::CreateSession& r) {
  if (const auto found = sessions_.find(r.session_id); found != sessions_.end()) {
    return found->second.made.secret_hash == r.secret_hash ? Ok(r.session_id) : No(Code::kExists);
  }
  if (!HasSessionEpoch(r.organization_id, r.user_id, r.session_epoch)) return No(Code::kDenied);
  sessions_[r.session_id] = {.made = r};
  if (r.former_id && sessions_.contains(*r.former_id) &&
      sessions_[*r.former_id].made.organization_id == r.organization_id) {
    sessions_[*r.former_id].ended = true;
  }
  EndOldestSessions(r.organization_id, r.user_id);
  return Ok(r.session_id);
}

WriteResult FakeStore::Apply(const records::EndSession& r) {
  const auto found = sessions_.find(r.session_id);
  was_over_ = true;
  if (found != sessions_.end() && found->second.made.organization_id == r.organization_id) {
    was_over_ = found->second.ended;
    found->second.ended = true;
  }
  return Ok(r.session_id);
}

WriteResult FakeStore::Apply(const records::RecordFailedSignIn& r) {
  if (!organizations_.contains(r.organization_id)) return No(Code::kNotFound);
  WriteResult result{.code = Code::kOk};
  const auto found = r.user_id ? users_.find(*r.user_id) : users_.end();
  if (found == users_.end() || found->second.row.organization_id != r.organization_id)
    return result;
  records::UserRow& user = found->second.row;
  if (failed_sign_ins_.insert(r.record_id).second) {
    const bool is_same_window = user.guesses_since > r.guesses_since - r.kWindowSlack;
    const bool is_older_window = user.guesses_since > r.failed_at - r.guess_window + r.kWindowSlack;
    const bool is_counting = (is_same_window || is_older_window) &&
                             user.guesses_since <= r.failed_at + r.guess_window &&
                             user.guesses_since >= user.unlocked_at;
    user.guesses = is_counting ? user.guesses + 1 : 1;
    if (!is_counting) user.guesses_since = std::max(r.guesses_since, user.unlocked_at);
  }
  result.count = user.guesses;
  return result;
}

WriteResult FakeStore::Apply(const records::RecordChildDeath&) { return {.code = Code::kOk}; }

WriteResult FakeStore::Apply(const records::CreatePasswordLink& r) {
  if (UserOf(r.organization_id, r.user_id) == nullptr) return No(Code::kNotFound);
  if (const auto found = password_links_.find(r.password_link_id); found != password_links_.end()) {
    return found->second.made.secret_hash == r.secret_hash ? Ok(r.password_link_id)
                                                           : No(Code::kExists);
  }
  for (auto& [id, link] : password_links_) {
    if (link.made.user_id == r.user_id && !link.used_by) link.ended = true;
  }
  password_links_[r.password_link_id] = {
      .made = r,
      .used_by = {},
      .session_epoch = UserOf(r.organization_id, r.user_id)->session_epoch};
  return Ok(r.password_link_id);
}

WriteResult FakeStore::Apply(const records::RedeemPasswordLink& r) {
  const auto found = password_links_.find(r.password_link_id);
  if (found == password_links_.end() || found->second.ended ||
      found->second.made.organization_id != r.organization_id) {
    return No(Code::kNotFound);
  }
  PasswordLink& link = found->second;
  if (link.used_by == r.record_id) return Ok(link.made.user_id);
  if (link.used_by) return No(Code::kConflict);
  if (link.made.expires_at <= r.redeemed_at) return No(Code::kExpired);
  if (!HasSessionEpoch(r.organization_id, link.made.user_id, link.session_epoch)) {
    return No(Code::kNotFound);
  }
  link.used_by = r.record_id;
  records::UserRow& user = users_.at(link.made.user_id).row;
  user.password_hash = r.password_hash;
  user.guesses = 0;
  user.guesses_since = {};
  user.unlocked_at = user.updated_at = r.redeemed_at;
  EndUserGrants(r.organization_id, user.id, r.record_id);
  return Ok(user.id);
}

}  // namespace store_test
