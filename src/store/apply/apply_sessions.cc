// A browser's signed-in sessions and the links that set a password.
#include <algorithm>
#include <optional>
#include <string_view>

#include "records/password_hash.h"
#include "store/apply/apply.h"
#include "store/apply/seen_records.h"

namespace store {

namespace {

using base::Code;
using base::Result;
using base::Status;
using std::string_view;

constexpr string_view kInsertSession =
    "INSERT OR IGNORE INTO sessions (id, organization_id, user_id, secret_hash, ended, expires_at,"
    " amr, auth_time, address, user_agent) VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8, ?9)";
constexpr string_view kFindSameSession =
    "SELECT 1 FROM sessions WHERE id = ?1 AND organization_id = ?2 AND secret_hash = ?3";
constexpr string_view kEndSession =
    "UPDATE sessions SET ended = 1 WHERE id = ?1 AND organization_id = ?2 AND ended = 0";
constexpr string_view kFindOrganization = "SELECT 1 FROM organizations WHERE id = ?1";
// ?3: what began before it is over (OldestOver). A window far ahead is of a clock that was set back since: over, too.
// A guess that was being hashed when its account was unlocked knows the window of before: the
// row's begins with the unlock.
constexpr string_view kCountGuess =
    "UPDATE users SET guesses = CASE WHEN guesses_since > ?3 AND guesses_since <= ?5"
    " AND guesses_since >= unlocked_at THEN guesses + 1 ELSE 1 END,"
    " guesses_since = CASE WHEN guesses_since > ?3 AND guesses_since <= ?5"
    " AND guesses_since >= unlocked_at THEN guesses_since ELSE max(?4, unlocked_at) END"
    " WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kFindGuesses =
    "SELECT guesses FROM users WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kFindUser = "SELECT 1 FROM users WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kInsertLink =
    "INSERT OR IGNORE INTO password_links (id, organization_id, user_id, secret_hash, ended,"
    " expires_at, session_epoch) SELECT ?1, ?2, ?3, ?4, 0, ?5, session_epoch FROM users"
    " WHERE id = ?3 AND organization_id = ?2";
constexpr string_view kFindSameLink =
    "SELECT 1 FROM password_links WHERE id = ?1 AND organization_id = ?2 AND secret_hash = ?3";
constexpr string_view kEndOtherLinks =
    "UPDATE password_links SET ended = 1 WHERE organization_id = ?1 AND user_id = ?2 AND id <> ?3"
    " AND used_at IS NULL AND ended = 0";
constexpr string_view kFindLink =
    "SELECT user_id, ended, expires_at, used_at IS NOT NULL, used_by_record, session_epoch"
    " FROM password_links WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kSetPassword =
    "UPDATE users SET password_hash = ?3, unlocked_at = ?4, updated_at = ?4, guesses = 0,"
    " guesses_since = 0"
    " WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kReplaceHash =
    "UPDATE users SET password_hash = ?4, updated_at = ?5"
    " WHERE id = ?1 AND organization_id = ?2 AND password_hash = ?3";
constexpr string_view kFindHash =
    "SELECT password_hash FROM users WHERE id = ?1 AND organization_id = ?2";
constexpr string_view kMarkUsed =
    "UPDATE password_links SET used_at = ?3, used_by_record = ?4"
    " WHERE id = ?1 AND organization_id = ?2 AND used_at IS NULL";

struct Link {
  records::UserId user_id;
  bool ended = false;
  base::Time expires_at;
  bool used = false;
  std::optional<records::RecordId> used_by;
  std::int64_t session_epoch = 0;
};

Result<std::optional<Link>> FindLink(const records::RedeemPasswordLink& record,
                                     ApplyContext& context) {
  using Found = Result<std::optional<Link>>;
  Query query(context.statements, kFindLink, record.password_link_id, record.organization_id);
  const Result<bool> row = query.Step();
  if (!row.ok()) return row.error();
  if (!*row) return Found(std::nullopt);
  return Found(Link{.user_id = query.Read<records::UserId>(),
                    .ended = query.Read<bool>(),
                    .expires_at = query.Read<base::Time>(),
                    .used = query.Read<bool>(),
                    .used_by = query.Read<std::optional<records::RecordId>>(),
                    .session_epoch = query.Read<std::int64_t>()});
}

Outcome UseLink(const records::RedeemPasswordLink& record, const Link& link,
                ApplyContext& context) {
  const Result<std::int64_t> set =
      Change(context, kSetPassword, link.user_id, record.organization_id, record.password_hash,
             record.redeemed_at);
  if (!set.ok()) return set.error();
  if (*set == 0) return Refused(Code::kNotFound);
  const Result<std::int64_t> used =
      Change(context, kMarkUsed, record.password_link_id, record.organization_id,
             record.redeemed_at, record.record_id);
  if (!used.ok()) return used.error();
  Status status = EndUserGrants(context, record.record_id, record.organization_id, link.user_id,
                                record.redeemed_at);
  if (!status.ok()) return status;
  return Done(link.user_id);
}

// What began by then is over. A window that began with the one in which memory counts lasts as long
// as that; another one (of before memory was lost) until so short before its end that memory may
// have begun anew.
base::Time OldestOver(const records::RecordFailedSignIn& record) {
  return std::min(record.guesses_since - record.kWindowSlack,
                  record.failed_at - record.guess_window + record.kWindowSlack);
}

// Once for each record: the audit log remembers those that were noted.
Outcome CountGuess(const records::RecordFailedSignIn& record, const records::UserId& user_id,
                   ApplyContext& context) {
  const Result<bool> is_sent_again = IsSeen(context, record.record_id, record.organization_id);
  if (!is_sent_again.ok()) return is_sent_again.error();
  if (!*is_sent_again) {
    const Result<std::int64_t> counted =
        Change(context, kCountGuess, user_id, record.organization_id, OldestOver(record),
               record.guesses_since, base::Time(record.failed_at + record.guess_window));
    if (!counted.ok()) return counted.error();
  }
  Query query(context.statements, kFindGuesses, user_id, record.organization_id);
  const Result<bool> is_there = query.Step();
  if (!is_there.ok()) return is_there.error();
  records::WriteResult result = Done();
  if (*is_there) result.count = query.Read<std::int64_t>();
  return result;
}

}  // namespace

Outcome Apply(const records::CreateSession& record, ApplyContext& context) {
  const Result<bool> may_begin =
      HasSessionEpoch(context, record.organization_id, record.user_id, record.session_epoch);
  if (!may_begin.ok()) return may_begin.error();
  if (!*may_begin) {
    const Result<bool> is_sent_again = Finds(context, kFindSameSession, record.session_id,
                                             record.organization_id, record.secret_hash);
    if (!is_sent_again.ok()) return is_sent_again.error();
    return *is_sent_again ? Done(record.session_id) : Refused(Code::kDenied);
  }
  const Result<std::int64_t> inserted =
      Change(context, kInsertSession, record.session_id, record.organization_id, record.user_id,
             record.secret_hash, record.expires_at, record.amr, record.auth_time, record.address,
             record.user_agent);
  if (!inserted.ok()) return inserted.error();
  if (*inserted == 0) {
    const Result<bool> is_sent_again = Finds(context, kFindSameSession, record.session_id,
                                             record.organization_id, record.secret_hash);
    if (!is_sent_again.ok()) return is_sent_again.error();
    return *is_sent_again ? Done(record.session_id) : Refused(Code::kExists);
  }
  if (record.former_id) {
    const Result<std::int64_t> ended =
        Change(context, kEndSession, *record.former_id, record.organization_id);
    if (!ended.ok()) return ended.error();
  }
  Status status = EndOldestSessions(context, record.organization_id, record.user_id);
  if (!status.ok()) return status;
  return Done(record.session_id);
}

Outcome Apply(const records::EndSession& record, ApplyContext& context) {
  const Result<std::int64_t> ended =
      Change(context, kEndSession, record.session_id, record.organization_id);
  if (!ended.ok()) return ended.error();
  return Done(record.session_id);
}

Outcome Apply(const records::RecordFailedSignIn& record, ApplyContext& context) {
  const Result<bool> is_there = Finds(context, kFindOrganization, record.organization_id);
  if (!is_there.ok()) return is_there.error();
  if (!*is_there) return Refused(Code::kNotFound);
  return record.user_id ? CountGuess(record, *record.user_id, context) : Outcome(Done());
}

Outcome Apply(const records::RecordChildDeath&, ApplyContext& context) {
  const Result<bool> is_there = Finds(context, kFindOrganization, records::kPlatformOrganizationId);
  if (!is_there.ok()) return is_there.error();
  return *is_there ? Done() : Refused(Code::kNotFound);
}

Outcome Apply(const records::CreatePasswordLink& record, ApplyContext& context) {
  const Result<bool> has_user = Finds(context, kFindUser, record.user_id, record.organization_id);
  if (!has_user.ok()) return has_user.error();
  if (!*has_user) return Refused(Code::kNotFound);
  const Result<std::int64_t> inserted =
      Change(context, kInsertLink, record.password_link_id, record.organization_id, record.user_id,
             record.secret_hash, record.expires_at);
  if (!inserted.ok()) return inserted.error();
  if (*inserted == 0) {
    const Result<bool> is_sent_again = Finds(context, kFindSameLink, record.password_link_id,
                                             record.organization_id, record.secret_hash);
    if (!is_sent_again.ok()) return is_sent_again.error();
    return *is_sent_again ? Done(record.password_link_id) : Refused(Code::kExists);
  }
  const Result<std::int64_t> ended = Change(context, kEndOtherLinks, record.organization_id,
                                            record.user_id, record.password_link_id);
  if (!ended.ok()) return ended.error();
  return Done(record.password_link_id);
}

Outcome Apply(const records::RedeemPasswordLink& record, ApplyContext& context) {
  const Result<std::optional<Link>> found = FindLink(record, context);
  if (!found.ok()) return found.error();
  if (!found->has_value() || (*found)->ended) return Refused(Code::kNotFound);
  const Link& link = **found;
  if (link.used_by == record.record_id) return Done(link.user_id);
  if (link.used) return Refused(Code::kConflict);
  if (link.expires_at <= record.redeemed_at) return Refused(Code::kExpired);
  const Result<bool> still_stands =
      HasSessionEpoch(context, record.organization_id, link.user_id, link.session_epoch);
  if (!still_stands.ok()) return still_stands.error();
  return *still_stands ? UseLink(record, link, context) : Refused(Code::kNotFound);
}

// The new hash has a salt of its own: where it is there, this very record set it.
Outcome Apply(const records::ReplacePasswordHash& record, ApplyContext& context) {
  if (record.former_hash.empty() || records::IsCurrentHash(record.former_hash) ||
      !records::IsCurrentHash(record.password_hash)) {
    return Refused(Code::kDenied);
  }
  const Result<std::int64_t> replaced =
      Change(context, kReplaceHash, record.user_id, record.organization_id, record.former_hash,
             record.password_hash, record.replaced_at);
  if (!replaced.ok()) return replaced.error();
  if (*replaced == 1) return Done(record.user_id);
  Query query(context.statements, kFindHash, record.user_id, record.organization_id);
  const Result<bool> found = query.Step();
  if (!found.ok()) return found.error();
  if (!*found) return Refused(Code::kNotFound);
  const bool is_sent_again = query.Read<std::string>() == record.password_hash;
  return is_sent_again ? Done(record.user_id) : Refused(Code::kConflict);
}

}  // namespace store
