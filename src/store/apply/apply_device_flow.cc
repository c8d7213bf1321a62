// Deciding and redeeming a device code (RFC 8628 §3.3, §3.5).
#include <optional>
#include <string>
#include <string_view>

#include "store/apply/apply.h"
#include "store/apply/live_user_codes.h"
#include "store/apply/used_assertions.h"

namespace store {

namespace {

using base::Code;
using base::Result;
using base::Status;
using records::DeviceCodeState;
using std::string_view;

constexpr string_view kFindForDecision =
    "SELECT state, expires_at, decided_by_record, user_code, client_row_id, address"
    " FROM device_codes"
    " WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kDecide =
    "UPDATE device_codes SET state = ?3, user_id = ?4, amr = ?5, auth_time = ?6, decided_at = ?7,"
    " decided_by_record = ?8, session_epoch = ?10"
    " WHERE id = ?1 AND organization_id = ?2 AND state = ?9";
// With whether the approval still stands for an active user.
constexpr string_view kFindForRedemption =
    "SELECT d.state, d.redeemed_by_record, u.id IS NOT NULL FROM device_codes d"
    " LEFT JOIN users u ON u.id = d.user_id AND u.organization_id = d.organization_id"
    " AND u.session_epoch = d.session_epoch AND u.status = ?4"
    " WHERE d.id = ?1 AND d.organization_id = ?2 AND d.client_row_id = ?3";
constexpr string_view kRedeem =
    "UPDATE device_codes SET state = ?3, redeemed_at = ?4, redeemed_by_record = ?5, grant_id = ?6"
    " WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kInsertGrant =
    "INSERT INTO grants (id, organization_id, user_id, client_row_id, service_id,"
    " created_at, expires_at, scope, issuer, amr, auth_time, address, device_name, resource)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
constexpr string_view kFindSameGrant =
    "SELECT 1 FROM grants WHERE id = ?1 AND organization_id = ?2 AND user_id = ?3";

// A refused code has no user, and neither has one that nobody signed in for.
std::optional<records::UserId> UserOf(const records::DecideDeviceCode& record) {
  if (record.user_id.is_nil()) return std::nullopt;
  return record.user_id;
}

Status InsertGrant(const records::RedeemDeviceCode& record, ApplyContext& context) {
  const records::NewGrant& grant = record.grant;
  return Change(context, kInsertGrant, grant.id, record.organization_id, grant.user_id,
                record.client_row_id, grant.service_id, record.redeemed_at, grant.expires_at,
                grant.scope, grant.issuer, grant.amr, grant.auth_time, grant.address,
                grant.device_name, grant.resource)
      .status();
}

// The grant and the tokens of a redemption. One that is there already was made by this very
// record.
Status InsertGrantAndTokens(const records::RedeemDeviceCode& record, ApplyContext& context) {
  if (Status status = InsertGrant(record, context); !status.ok()) return status;
  Status status =
      InsertAccessToken(context, record.organization_id, record.grant.id, record.access_token);
  if (!status.ok() || !record.refresh_token) return status;
  constexpr std::int64_t kFirst = 1;
  return InsertRefreshToken(context, record.organization_id, record.grant.id, *record.refresh_token,
                            kFirst, record.redeemed_at);
}

Outcome MarkRedeemed(const records::RedeemDeviceCode& record, ApplyContext& context) {
  const Result<std::int64_t> redeemed =
      Change(context, kRedeem, record.device_code_id, record.organization_id,
             DeviceCodeState::kRedeemed, record.redeemed_at, record.record_id, record.grant.id);
  if (!redeemed.ok()) return redeemed.error();
  Status status = InsertGrantAndTokens(record, context);
  if (status.ok()) {
    status = EndOldestGrants(context, record.record_id, record.organization_id,
                             record.grant.user_id, record.redeemed_at);
  }
  return status.ok() ? Outcome(Done(record.grant.id)) : Outcome(std::move(status));
}

// The same record again. From the same child it carries the same grant, which is there. From
// another child, to which nginx sent the request again, it carries tokens that nobody was told of
// yet: they must work, and those of the first never left a dead child.
Outcome RedeemAgain(const records::RedeemDeviceCode& record, ApplyContext& context) {
  const Result<bool> is_there =
      Finds(context, kFindSameGrant, record.grant.id, record.organization_id, record.grant.user_id);
  if (!is_there.ok()) return is_there.error();
  return *is_there ? Outcome(Done(record.grant.id)) : MarkRedeemed(record, context);
}

Outcome Redeem(const records::RedeemDeviceCode& record, ApplyContext& context) {
  DeviceCodeState state{};
  std::optional<records::RecordId> redeemed_by;
  bool approval_stands = false;
  {
    Query code(context.statements, kFindForRedemption, record.device_code_id,
               record.organization_id, record.client_row_id, records::UserStatus::kActive);
    const Result<bool> found = code.Step();
    if (!found.ok()) return found.error();
    if (!*found) return Refused(Code::kNotFound);
    state = code.Read<DeviceCodeState>();
    redeemed_by = code.Read<std::optional<records::RecordId>>();
    approval_stands = code.Read<bool>();
  }
  if (redeemed_by == record.record_id) return RedeemAgain(record, context);
  if (state != DeviceCodeState::kApproved) return Refused(Code::kConflict);
  if (!approval_stands) return Refused(Code::kDenied);
  return MarkRedeemed(record, context);
}

}  // namespace

Outcome Apply(const records::CreateDeviceCode& record, ApplyContext& context) {
  const records::CreateDeviceCode* const one[] = {&record};
  records::WriteResult result;
  records::WriteResult* const results[] = {&result};
  if (Status status = ApplyDeviceCodes(one, results, context); !status.ok()) return status;
  return result;
}

Outcome Apply(const records::DecideDeviceCode& record, ApplyContext& context) {
  std::string user_code;
  std::string address;
  records::ClientRowId client;
  {
    Query code(context.statements, kFindForDecision, record.device_code_id, record.organization_id);
    const Result<bool> found = code.Step();
    if (!found.ok()) return found.error();
    if (!*found) return Refused(Code::kNotFound);
    const auto state = code.Read<DeviceCodeState>();
    const auto expires_at = code.Read<base::Time>();
    const auto decided_by = code.Read<std::optional<records::RecordId>>();
    user_code = code.Read<std::string>();
    client = code.Read<records::ClientRowId>();
    address = code.Read<std::string>();
    if (decided_by == record.record_id) return Done(record.device_code_id);
    if (state != DeviceCodeState::kPending) return Refused(Code::kConflict);
    if (expires_at <= record.decided_at) return Refused(Code::kExpired);
  }
  if (record.approve) {
    const Result<bool> may_approve =
        HasSessionEpoch(context, record.organization_id, record.user_id, record.session_epoch);
    if (!may_approve.ok()) return may_approve.error();
    if (!*may_approve) return Refused(Code::kDenied);
  }
  const auto state = record.approve ? DeviceCodeState::kApproved : DeviceCodeState::kDenied;
  const Result<std::int64_t> decided =
      Change(context, kDecide, record.device_code_id, record.organization_id, state, UserOf(record),
             record.amr, record.auth_time, record.decided_at, record.record_id,
             DeviceCodeState::kPending, record.session_epoch);
  if (!decided.ok()) return decided.error();
  const Result<std::int64_t> freed =
      FreeUserCode(context.statements, user_code, record.organization_id, record.device_code_id);
  if (!freed.ok()) return freed.error();
  if (*freed == 1) context.live_codes.Remove(client, NetworkNumberOf(address));
  return Done(record.device_code_id);
}

Outcome Apply(const records::RedeemDeviceCode& record, ApplyContext& context) {
  return ApplyUsingAssertion(record, context, &Redeem);
}

}  // namespace store
