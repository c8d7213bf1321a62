// The audit log: which records are events of it, and the row that stands for one. The store writes
// the row in the transaction of the change that it tells of, so that nothing acknowledged is
// missing. No secret, no token, no e-mail address: people and things stand there by their ids.
// Plain values and pure functions, thread-safe. Source: docs/security.md "Audit".
//
// A new record gets its Of function in audit_notes.cc: without one it does not compile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "records/ids.h"
#include "records/writes.h"

namespace records {

// Numbers are stored and sealed: append, never renumber.
enum class AuditEvent : std::uint8_t {
  kSignedIn,
  kSignInFailed,
  kSignedOut,
  kDeviceApproved,
  kDeviceRefused,         // by the person
  kDeviceApprovalFailed,  // by somebody who was signed out or disabled meanwhile
  kDeviceRedeemed,
  kGrantRevoked,
  kUserGrantsRevoked,
  kRefreshTokenReused,  // and its grant ended
  kPasswordLinkCreated,
  kPasswordSet,
  kOrganizationCreated,
  kOrganizationUpdated,
  kOrganizationDeleted,
  kDomainCreated,
  kDomainDeleted,
  kServiceCreated,
  kServiceUpdated,
  kServiceDeleted,
  kPlanCreated,
  kPlanUpdated,
  kPlanDeleted,
  kUserCreated,
  kUserUpdated,
  kUserDeleted,
  kSubscriptionCreated,
  kSubscriptionUpdated,
  kSubscriptionDeleted,
  kMembershipCreated,
  kKeyCreated,
  kKeyPromoted,
  kKeyDeleted,
  // At a sign-in: an imported hash, or one of ours of former cost, became one of today's.
  kPasswordRehashed,
  kUserImported,
  kChildDied,  // of a request
  kCount
};
// "sign_in.failed", "device.approved".
std::string_view ToText(AuditEvent value);
std::optional<AuditEvent> AuditEventNamed(std::string_view name);

// Who did it. An app is whoever held a device code or a token.
enum class AuditActor : std::uint8_t { kNobody, kUser, kApp, kOperator, kCount };
std::string_view ToText(AuditActor value);

struct AuditSubjectTag;
// The row that was changed; its event says of which kind.
using AuditSubjectId = base::Id<AuditSubjectTag>;

inline constexpr std::size_t kMaxAuditDetailBytes = 256;

// Where a record came from, beside what it says. Known by whoever receives it, never part of it.
struct RecordSource {
  std::string address;        // of the client whose request sent it; empty: none
  std::string operator_name;  // of the shell user of `latchkey`; empty: sent by a pool
};

struct AuditRow {
  std::int64_t sequence = 0;  // in the order of commits, of all organizations, without a gap
  OrganizationId organization_id;
  base::Time at;  // the writer's clock
  AuditEvent event = AuditEvent::kSignedIn;
  RecordId record_id;  // the request's id
  AuditActor actor = AuditActor::kNobody;
  std::optional<UserId> actor_id;  // of kUser
  std::string actor_name;          // of kOperator
  std::optional<UserId> user_id;   // whom it concerns
  std::optional<AuditSubjectId> subject_id;
  std::string address;
  std::string detail;  // "slug=acme", "status=disabled email"
};

// What a record and its result tell.
struct AuditNote {
  AuditEvent event = AuditEvent::kSignedIn;
  OrganizationId organization_id;
  AuditActor actor = AuditActor::kNobody;  // where no operator sent it
  std::optional<UserId> user_id;           // absent: unknown here, or nobody's
  std::optional<AuditSubjectId> subject_id;
  std::string detail;
  std::optional<RecordId> request_id = std::nullopt;  // where it tells of another one's request
  // Whether the same record, sent again, changes rows once more. If so, the store remembers that it
  // was noted.
  enum class Again : std::uint8_t { kChangesNothing, kChangesAgain } again = Again::kChangesNothing;
};

// The detail of a grant or a session that ended because its user began too many after it.
inline constexpr std::string_view kEndedByLimit = "reason=too_many";

// nullopt: no event (device codes issued, tokens refreshed, what was refused).
std::optional<AuditNote> NoteOf(const Write& write, const WriteResult& result);
// All but the sequence.
AuditRow RowOf(AuditNote note, const RecordId& record_id, const RecordSource& origin,
               base::Time at);

}  // namespace records
