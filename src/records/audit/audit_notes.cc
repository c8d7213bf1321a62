// Which records are events of the audit log, and what each tells: a function a record.
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "records/audit/audit.h"
#include "records/audit/audit_detail.h"

namespace records {

namespace {

using base::Code;
using std::string_view;
using Again = AuditNote::Again;
using Note = std::optional<AuditNote>;

constexpr auto kNobody = AuditActor::kNobody;
constexpr auto kUser = AuditActor::kUser;
constexpr auto kApp = AuditActor::kApp;

constexpr std::array<string_view, static_cast<std::size_t>(FailedSignIn::kCount)> kFailures{
    "wrong_password", "no_such_user", "user_disabled"};

template <class Tag>
std::optional<AuditSubjectId> Subject(const base::Id<Tag>& id) {
  return AuditSubjectId{id.bytes};
}

// An absent user stands as a nil id in some records.
std::optional<UserId> Known(const UserId& id) {
  return id.is_nil() ? std::nullopt : std::optional(id);
}

// An event of the records that only the operator sends. `T`, a record or the row that it makes, has organization_id.
template <class T, class Tag>
AuditNote Change(AuditEvent event, const T& record, const base::Id<Tag>& subject,
                 const std::string& detail, Again again = Again::kChangesNothing) {
  return {.event = event,
          .organization_id = record.organization_id,
          .actor = kNobody,
          .user_id = std::nullopt,
          .subject_id = Subject(subject),
          .detail = detail,
          .again = again};
}
template <class T, class Tag>
AuditNote ChangeOfUser(AuditEvent event, const T& record, const base::Id<Tag>& subject,
                       const std::string& detail, Again again = Again::kChangesNothing) {
  AuditNote note = Change(event, record, subject, detail, again);
  note.user_id = record.user_id;
  return note;
}

AuditNote CreatedUser(AuditEvent event, const UserRow& user, const std::string& detail) {
  AuditNote note = Change(event, user, user.id, detail);
  note.user_id = user.id;
  return note;
}

// ---- one function a record, called where it was applied ----

Note Of(const CreateDeviceCode&, const WriteResult&) { return std::nullopt; }
Note Of(const RotateRefreshToken&, const WriteResult&) { return std::nullopt; }
Note Of(const Probe&, const WriteResult&) { return std::nullopt; }

Note Of(const DecideDeviceCode& r, const WriteResult&) {
  AuditNote note = Change(r.approve ? AuditEvent::kDeviceApproved : AuditEvent::kDeviceRefused, r,
                          r.device_code_id, {});
  note.actor = kUser;
  note.user_id = Known(r.user_id);
  return note;
}

Note Of(const RedeemDeviceCode& r, const WriteResult&) {
  AuditNote note = Change(AuditEvent::kDeviceRedeemed, r, r.grant.id,
                          AuditDetail().Add("device_code", base::ToText(r.device_code_id)));
  note.actor = kApp;
  note.user_id = r.grant.user_id;
  return note;
}

// By the pools where the holder of a token signs out, or where a device code is redeemed twice.
Note Of(const RevokeGrant& r, const WriteResult&) {
  AuditNote note = Change(AuditEvent::kGrantRevoked, r, r.grant_id, {});
  note.actor = kApp;
  return note;
}

Note Of(const RevokeUserGrants& r, const WriteResult& result) {
  return ChangeOfUser(AuditEvent::kUserGrantsRevoked, r, r.user_id,
                      AuditDetail().Add("grants", std::to_string(result.count)),
                      Again::kChangesAgain);
}

Note Of(const CreateSession& r, const WriteResult&) {
  AuditNote note =
      ChangeOfUser(AuditEvent::kSignedIn, r, r.session_id, AuditDetail().Add("amr", r.amr));
  note.actor = kUser;
  return note;
}

Note Of(const EndSession& r, const WriteResult&) {
  AuditNote note = Change(AuditEvent::kSignedOut, r, r.session_id, {});
  note.actor = kUser;
  return note;
}

Note Of(const RecordFailedSignIn& r, const WriteResult& result) {
  AuditDetail detail;
  detail.Add("reason", kFailures[static_cast<std::size_t>(r.reason)]);
  const bool is_last = r.account_limit > 0 && result.count == r.account_limit;
  if (r.locks_account || is_last) detail.Add("account_locked");
  return AuditNote{.event = AuditEvent::kSignInFailed,
                   .organization_id = r.organization_id,
                   .actor = kNobody,
                   .user_id = r.user_id,
                   .subject_id = std::nullopt,
                   .detail = detail,
                   .again = Again::kChangesAgain};
}

Note Of(const RecordChildDeath& r, const WriteResult&) {
  return AuditNote{.event = AuditEvent::kChildDied,
                   .organization_id = kPlatformOrganizationId,
                   .actor = kNobody,
                   .user_id = std::nullopt,
                   .subject_id = std::nullopt,
                   .detail = AuditDetail().Add("child", r.child).Add("how", r.how),
                   .request_id = r.request_id,
                   .again = Again::kChangesAgain};
}

Note Of(const CreatePasswordLink& r, const WriteResult&) {
  return ChangeOfUser(AuditEvent::kPasswordLinkCreated, r, r.password_link_id, {});
}

// Its result is the user whose link it was.
Note Of(const RedeemPasswordLink& r, const WriteResult& result) {
  AuditNote note = Change(AuditEvent::kPasswordSet, r, r.password_link_id, {});
  note.actor = kUser;
  note.user_id = UserId{result.id};
  return note;
}

Note Of(const CreateOrganization& r, const WriteResult&) {
  const DeleteOrganization owner{.record_id = r.record_id, .organization_id = r.row.id};
  return Change(AuditEvent::kOrganizationCreated, owner, r.row.id,
                AuditDetail().Add("slug", r.row.slug));
}
Note Of(const UpdateOrganization& r, const WriteResult&) {
  return Change(AuditEvent::kOrganizationUpdated, r, r.organization_id, AuditDetail().AddChanges(r),
                Again::kChangesAgain);
}
Note Of(const DeleteOrganization& r, const WriteResult&) {
  return Change(AuditEvent::kOrganizationDeleted, r, r.organization_id, {});
}

Note Of(const CreateDomain& r, const WriteResult&) {
  return Change(AuditEvent::kDomainCreated, r.row, r.row.organization_id,
                AuditDetail().Add("host", r.row.host));
}
Note Of(const DeleteDomain& r, const WriteResult&) {
  return Change(AuditEvent::kDomainDeleted, r, r.organization_id,
                AuditDetail().Add("host", r.host));
}

Note Of(const CreateService& r, const WriteResult&) {
  return Change(AuditEvent::kServiceCreated, r.row, r.row.id,
                AuditDetail()
                    .Add("slug", r.row.slug)
                    .Add("client_id", r.client.client_id)
                    .Add("client_type", ToText(r.client.type)));
}
Note Of(const UpdateService& r, const WriteResult&) {
  return Change(AuditEvent::kServiceUpdated, r, r.service_id, AuditDetail().AddChanges(r),
                Again::kChangesAgain);
}
Note Of(const DeleteService& r, const WriteResult&) {
  return Change(AuditEvent::kServiceDeleted, r, r.service_id, {});
}

Note Of(const CreatePlan& r, const WriteResult&) {
  return Change(AuditEvent::kPlanCreated, r.row, r.row.id,
                AuditDetail()
                    .Add("price_cents", std::to_string(r.row.price_cents))
                    .Add("currency", r.row.currency)
                    .Add("name", r.row.name));
}
Note Of(const UpdatePlan& r, const WriteResult&) {
  return Change(AuditEvent::kPlanUpdated, r, r.plan_id, AuditDetail().AddChanges(r),
                Again::kChangesAgain);
}
Note Of(const DeletePlan& r, const WriteResult&) {
  return Change(AuditEvent::kPlanDeleted, r, r.plan_id, {});
}

Note Of(const CreateUser& r, const WriteResult&) {
  return CreatedUser(AuditEvent::kUserCreated, r.row, {});
}
Note Of(const UpdateUser& r, const WriteResult&) {
  return ChangeOfUser(AuditEvent::kUserUpdated, r, r.user_id, AuditDetail().AddChanges(r),
                      Again::kChangesAgain);
}
Note Of(const DeleteUser& r, const WriteResult&) {
  return ChangeOfUser(AuditEvent::kUserDeleted, r, r.user_id, {});
}

Note Of(const CreateSubscription& r, const WriteResult&) {
  return ChangeOfUser(
      AuditEvent::kSubscriptionCreated, r.row, r.row.id,
      AuditDetail().Add("status", ToText(r.row.status)).Add("plan", base::ToText(r.row.plan_id)));
}
Note Of(const UpdateSubscription& r, const WriteResult&) {
  return ChangeOfUser(AuditEvent::kSubscriptionUpdated, r, r.service_id,
                      AuditDetail().AddChanges(r), Again::kChangesAgain);
}
Note Of(const DeleteSubscription& r, const WriteResult&) {
  return ChangeOfUser(AuditEvent::kSubscriptionDeleted, r, r.service_id, {});
}

Note Of(const CreateMembership& r, const WriteResult&) {
  return ChangeOfUser(AuditEvent::kMembershipCreated, r, r.user_id,
                      AuditDetail().Add("role", ToText(r.role)));
}

Note Of(const CreateSigningKey& r, const WriteResult&) {
  return Change(AuditEvent::kKeyCreated, r.row, r.row.id,
                AuditDetail()
                    .Add("kid", r.row.kid)
                    .Add("alg", ToText(r.row.algorithm))
                    .Add("state", ToText(r.row.state)));
}
Note Of(const PromoteSigningKey& r, const WriteResult&) {
  return Change(AuditEvent::kKeyPromoted, r, r.signing_key_id, {});
}
Note Of(const DeleteSigningKey& r, const WriteResult&) {
  return Change(AuditEvent::kKeyDeleted, r, r.signing_key_id, {});
}

Note Of(const ImportUser& r, const WriteResult&) {
  return CreatedUser(AuditEvent::kUserImported, r.row,
                     AuditDetail().Add("status", ToText(r.row.status)));
}
Note Of(const ReplacePasswordHash& r, const WriteResult&) {
  AuditNote note = ChangeOfUser(AuditEvent::kPasswordRehashed, r, r.user_id, {});
  note.actor = kUser;
  return note;
}

// ---- refusals that are events: somebody else may hold what was presented ----

template <class T>
Note OfRefusal(const T&, Code) {
  return std::nullopt;
}

Note OfRefusal(const CreateSession& r, Code code) {
  if (code != Code::kDenied) return std::nullopt;
  return ChangeOfUser(AuditEvent::kSignInFailed, r, r.session_id, "reason=ended_meanwhile",
                      Again::kChangesAgain);
}

Note OfRefusal(const DecideDeviceCode& r, Code code) {
  if (code != Code::kDenied) return std::nullopt;
  return ChangeOfUser(AuditEvent::kDeviceApprovalFailed, r, r.device_code_id, {},
                      Again::kChangesAgain);
}

Note OfRefusal(const RotateRefreshToken& r, Code code) {
  if (code != Code::kConflict) return std::nullopt;
  AuditNote note = Change(AuditEvent::kRefreshTokenReused, r, r.grant_id, {});
  note.actor = kApp;
  return note;
}

}  // namespace

std::optional<AuditNote> NoteOf(const Write& write, const WriteResult& result) {
  return std::visit(
      [&](const auto& record) {
        return result.code == Code::kOk ? Of(record, result) : OfRefusal(record, result.code);
      },
      write);
}

}  // namespace records
