// The store in its plainest form: maps in memory, one record after the other. What the conformance
// suite says of SQLite it says of this too, and where the two differ one of them is wrong. Not
// thread-safe.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "domain/ports/batch_applier.h"
#include "domain/ports/directory.h"
#include "domain/ports/reader.h"
#include "records/rows.h"
#include "records/writes.h"
#include "store/apply/live_code_counts.h"
#include "store/apply/row_limits.h"

namespace store_test {

// What a record is answered.
template <class IdType>
records::WriteResult Ok(const IdType& id) {
  return {.code = base::Code::kOk, .id = id.bytes};
}
inline records::WriteResult No(base::Code code) { return {.code = code}; }

class FakeStore final : public domain::BatchApplier,
                        public domain::Reader,
                        public domain::Directory {
 public:
  explicit FakeStore(const store::RowLimits& limits = {});

  base::Result<std::vector<records::WriteResult>> Apply(
      std::span<const records::Write* const> records,
      std::span<const records::RecordSource* const> origins) override;
  const std::vector<records::AuditRow>& audit() const { return audit_; }

  base::Result<const records::ClientRow*> FindClient(std::string_view client_id) override;
  base::Result<const records::ClientRow*> FindClientByRow(records::OrganizationId org,
                                                          records::ClientRowId id) override;
  base::Result<const records::OrganizationRow*> FindOrganization(
      records::OrganizationId id) override;
  base::Result<const records::OrganizationRow*> FindOrganizationBySlug(
      std::string_view slug) override;
  base::Result<const records::DomainRow*> FindDomain(std::string_view host) override;
  base::Result<const records::ServiceRow*> FindService(records::OrganizationId org,
                                                       records::ServiceId id) override;
  base::Result<const records::PlanRow*> FindPlan(records::OrganizationId org,
                                                 records::PlanId id) override;
  base::Result<const std::vector<records::SigningKeyRow>*> SigningKeys(
      records::OrganizationId org) override;

  base::Result<records::DeviceCodeRow> FindDeviceCode(records::OrganizationId org,
                                                      records::DeviceCodeId id) override;
  base::Result<records::DeviceCodeRow> FindLiveUserCode(std::string_view user_code) override;
  base::Result<records::AccessTokenRow> FindAccessToken(records::AccessTokenId id) override;
  base::Result<records::AccessTokenWithSubscription> FindAccessTokenWithSubscription(
      records::AccessTokenId id) override;
  base::Result<std::optional<records::SubscriptionRow>> FindSubscription(
      records::OrganizationId org, records::UserId user, records::ServiceId service) override;
  base::Result<records::RefreshTokenRow> FindRefreshToken(records::RefreshTokenId id) override;
  base::Result<records::UserRow> FindUser(records::OrganizationId org, records::UserId id) override;
  base::Result<records::UserRow> FindUserByEmail(records::OrganizationId org,
                                                 std::string_view email) override;
  base::Result<records::SessionRow> FindSession(records::OrganizationId org,
                                                records::SessionId id) override;
  base::Result<records::PasswordLinkRow> FindPasswordLink(records::PasswordLinkId id) override;
  base::Result<std::vector<std::string>> FindServiceNames(records::OrganizationId org) override;
  base::Result<bool> IsPlatformOwner(records::UserId user) override;

  // One record: its result; it changed nothing unless that is kOk (a replay apart).
  records::WriteResult Apply(const records::CreateDeviceCode& r);
  records::WriteResult Apply(const records::DecideDeviceCode& r);
  records::WriteResult Apply(const records::RedeemDeviceCode& r);
  records::WriteResult Apply(const records::RotateRefreshToken& r);
  records::WriteResult Apply(const records::RevokeGrant& r);
  records::WriteResult Apply(const records::RevokeUserGrants& r);
  records::WriteResult Apply(const records::CreateSession& r);
  records::WriteResult Apply(const records::EndSession& r);
  records::WriteResult Apply(const records::CreatePasswordLink& r);
  records::WriteResult Apply(const records::RedeemPasswordLink& r);
  records::WriteResult Apply(const records::CreateOrganization& r);
  records::WriteResult Apply(const records::UpdateOrganization& r);
  records::WriteResult Apply(const records::DeleteOrganization& r);
  records::WriteResult Apply(const records::CreateService& r);
  records::WriteResult Apply(const records::UpdateService& r);
  records::WriteResult Apply(const records::DeleteService& r);
  records::WriteResult Apply(const records::CreatePlan& r);
  records::WriteResult Apply(const records::UpdatePlan& r);
  records::WriteResult Apply(const records::DeletePlan& r);
  records::WriteResult Apply(const records::CreateUser& r);
  records::WriteResult Apply(const records::UpdateUser& r);
  records::WriteResult Apply(const records::DeleteUser& r);
  records::WriteResult Apply(const records::CreateSubscription& r);
  records::WriteResult Apply(const records::UpdateSubscription& r);
  records::WriteResult Apply(const records::DeleteSubscription& r);
  records::WriteResult Apply(const records::CreateMembership& r);
  records::WriteResult Apply(const records::CreateSigningKey& r);
  records::WriteResult Apply(const records::PromoteSigningKey& r);
  records::WriteResult Apply(const records::Probe& r);
  records::WriteResult Apply(const records::CreateDomain& r);
  records::WriteResult Apply(const records::DeleteDomain& r);
  records::WriteResult Apply(const records::RecordFailedSignIn& r);
  records::WriteResult Apply(const records::DeleteSigningKey& r);
  records::WriteResult Apply(const records::ReplacePasswordHash& r);
  records::WriteResult Apply(const records::ImportUser& r);
  records::WriteResult Apply(const records::RecordChildDeath& r);

 private:
  // A row, and the record that made it.
  template <class Row>
  struct Made {
    Row row;
    records::RecordId by;
  };
  struct DeviceCode {
    records::DeviceCodeRow row;
    std::optional<records::RecordId> decided_by, redeemed_by;
    std::int64_t session_epoch = 0;
  };
  struct Grant {
    records::NewGrant grant;
    records::OrganizationId org;
    records::ClientRowId client;
    std::optional<records::RecordId> revoked_by;
  };
  struct AccessToken {
    records::NewAccessToken token;
    records::OrganizationId org;
    records::GrantId grant;
  };
  struct RefreshToken {
    records::NewRefreshToken token;
    records::OrganizationId org;
    records::GrantId grant;
    std::int64_t sequence = 1;
    std::optional<base::Time> rotated_at;
    std::optional<records::RecordId> rotated_by;
    records::RefreshTokenId successor;
  };
  struct SignIn {
    records::CreateSession made;
    bool ended = false;
  };
  struct PasswordLink {
    records::CreatePasswordLink made;
    bool ended = false;
    std::optional<records::RecordId> used_by;
    std::int64_t session_epoch = 0;
  };
  struct Key {
    records::SigningKeyRow row;
    records::RecordId by;
    std::optional<records::RecordId> promoted_by;
  };

  // Whether another record used it.
  bool IsReplay(const std::optional<records::UsedAssertion>& assertion,
                records::RecordId record_id) const;
  // An assertion is used where something is issued for it.
  records::WriteResult Use(const std::optional<records::UsedAssertion>& assertion,
                           records::RecordId record_id, records::WriteResult result);
  records::WriteResult Create(const records::CreateDeviceCode& r);
  records::WriteResult Redeem(const records::RedeemDeviceCode& r);
  records::WriteResult Rotate(const records::RotateRefreshToken& r);
  bool HasAccessToken(const records::NewAccessToken& token, records::GrantId grant) const;
  bool MayIssue(const records::RedeemDeviceCode& r) const;
  void Issue(const records::RedeemDeviceCode& r, DeviceCode& code);
  records::WriteResult Replay(const records::RotateRefreshToken& r, const RefreshToken& parent,
                              Grant& grant);
  bool HasSessionEpoch(records::OrganizationId org, records::UserId user, std::int64_t epoch) const;
  std::int64_t EndUserGrants(records::OrganizationId org, records::UserId user,
                             records::RecordId by);
  records::WriteResult Missing(records::RecordId record_id, records::OrganizationId org) const;
  const records::UserRow* UserOf(records::OrganizationId org, records::UserId id) const;
  records::WriteResult InsertUser(const records::UserRow& row, records::RecordId record_id);
  bool IsLastPlatformOwner(records::UserId user);
  bool HasIssuer(records::OrganizationId org, const std::string& issuer) const;
  bool IsInUse(records::OrganizationId org, records::ServiceId service) const;
  Key* CurrentKey(records::OrganizationId org, records::SigningAlgorithm algorithm);
  // Whether the client, and all together, may have one more live code: kOk, or why not.
  base::Code RoomFor(const records::CreateDeviceCode& record) const;
  void EndOldestGrants(records::OrganizationId org, records::UserId user, records::RecordId by);
  void EndOldestSessions(records::OrganizationId org, records::UserId user);
  void Audit(const records::Write& write, const records::WriteResult& result,
             const records::RecordSource& origin);
  void Append(records::AuditNote note, records::RecordId record_id,
              const records::RecordSource& origin);
  std::optional<records::UserId> AuditedUser(const records::AuditNote& note) const;
  base::Result<records::DeviceCodeRow> Joined(const DeviceCode& code) const;

  store::RowLimits limits_;
  std::map<records::OrganizationId, Made<records::OrganizationRow>> organizations_;
  std::map<records::ServiceId, Made<records::ServiceRow>> services_;
  std::map<std::string, Made<records::DomainRow>> domains_;
  std::map<records::ClientRowId, records::ClientRow> clients_;
  std::map<records::PlanId, Made<records::PlanRow>> plans_;
  std::map<records::UserId, Made<records::UserRow>> users_;
  std::map<std::pair<records::UserId, records::OrganizationId>, records::CreateMembership>
      memberships_;
  std::map<std::pair<records::UserId, records::ServiceId>, Made<records::SubscriptionRow>>
      subscriptions_;
  std::map<std::string, records::DeviceCodeId> live_user_codes_;
  std::map<records::DeviceCodeId, DeviceCode> device_codes_;
  std::map<records::GrantId, Grant> grants_;
  std::map<records::AccessTokenId, AccessToken> access_tokens_;
  std::map<records::RefreshTokenId, RefreshToken> refresh_tokens_;
  std::map<records::SessionId, SignIn> sessions_;
  std::map<records::PasswordLinkId, PasswordLink> password_links_;
  std::map<records::SigningKeyId, Key> keys_;
  std::set<std::pair<records::RecordId, records::OrganizationId>> seen_records_;
  using Jti = std::pair<records::ClientRowId, records::Sha256>;
  std::map<Jti, records::RecordId> used_assertions_;
  std::set<records::RecordId> failed_sign_ins_;  // those that were counted
  std::vector<records::SigningKeyRow> keys_found_;
  std::vector<records::AuditRow> audit_;
  std::set<std::pair<records::RecordId, records::OrganizationId>> noted_;  // in audit_
  std::vector<records::AuditNote> notes_;  // of what the last record did beside
  bool was_over_ = false;                  // what the last record ends had ended before
};

}  // namespace store_test
