// Writes that begin and end sessions, and set passwords.
// Plain values; records/writes.h says what holds for all of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "records/enums.h"
#include "records/fields.h"
#include "records/ids.h"

namespace records {

using base::Time;

// A browser's session. A new one at each sign-in; former_id, if set, ends with it. kDenied: the user
// is not active, or all grants of the user were ended (a new password, say) since session_epoch was
// read.
struct CreateSession {
  RecordId record_id;
  SessionId session_id;
  OrganizationId organization_id;
  UserId user_id;
  Sha256 secret_hash{};
  std::string amr;
  Time auth_time;
  Time expires_at;
  std::string address;
  std::string user_agent;
  std::optional<SessionId> former_id;
  std::int64_t session_epoch = 0;  // the user's, read before the password was checked
  static constexpr Fields<
      &CreateSession::record_id, &CreateSession::session_id, &CreateSession::organization_id,
      &CreateSession::user_id, &CreateSession::secret_hash, &CreateSession::amr,
      &CreateSession::auth_time, &CreateSession::expires_at, &CreateSession::address,
      &CreateSession::user_agent, &CreateSession::former_id, &CreateSession::session_epoch>
      kFields{};
};

// Idempotent.
struct EndSession {
  RecordId record_id;
  OrganizationId organization_id;
  SessionId session_id;
  static constexpr Fields<&EndSession::record_id, &EndSession::organization_id,
                          &EndSession::session_id>
      kFields{};
};

// A link that lets its holder set a password, once, unless all that the user has begun ends before
// (UserRow::session_epoch). Earlier unused links of the user end with it. kNotFound: no such user.
struct CreatePasswordLink {
  RecordId record_id;
  PasswordLinkId password_link_id;
  OrganizationId organization_id;
  UserId user_id;
  Sha256 secret_hash{};
  Time expires_at;
  static constexpr Fields<&CreatePasswordLink::record_id, &CreatePasswordLink::password_link_id,
                          &CreatePasswordLink::organization_id, &CreatePasswordLink::user_id,
                          &CreatePasswordLink::secret_hash, &CreatePasswordLink::expires_at>
      kFields{};
};

// The same password as Argon2id of today's cost, in place of an imported hash, or of one of ours of
// former cost. Ends nothing.
// kNotFound; kConflict: the hash is not `former_hash` (any more); kDenied: `former_hash` is empty
// or ours and of today's cost (records/password_hash.h), or `password_hash` is not, for the pools that
// send this may set nobody's password.
struct ReplacePasswordHash {
  RecordId record_id;
  UserId user_id;
  OrganizationId organization_id;
  std::string former_hash;
  std::string password_hash;  // PHC string
  Time replaced_at;
  static constexpr Fields<&ReplacePasswordHash::record_id, &ReplacePasswordHash::user_id,
                          &ReplacePasswordHash::organization_id, &ReplacePasswordHash::former_hash,
                          &ReplacePasswordHash::password_hash, &ReplacePasswordHash::replaced_at>
      kFields{};
};

// Sets the password, unlocks the user, ends the user's sessions and grants. kNotFound: no such link,
// or what the user had begun was ended since it was made, or the user is not active; kExpired;
// kConflict: used already.
struct RedeemPasswordLink {
  RecordId record_id;
  PasswordLinkId password_link_id;
  OrganizationId organization_id;
  std::string password_hash;  // PHC string
  Time redeemed_at;
  static constexpr Fields<&RedeemPasswordLink::record_id, &RedeemPasswordLink::password_link_id,
                          &RedeemPasswordLink::organization_id, &RedeemPasswordLink::password_hash,
                          &RedeemPasswordLink::redeemed_at>
      kFields{};
};

// Counts a wrong password for the account and tells the audit log (records/audit/audit.h). Nothing of what
// was typed is in it: people type passwords where the e-mail address belongs. WriteResult::count: the
// wrong ones in the account's window, this one included; 0: nobody's account. kNotFound: no such
// organization.
struct RecordFailedSignIn {
  RecordId record_id;
  OrganizationId organization_id;
  FailedSignIn reason = FailedSignIn::kWrongPassword;
  std::optional<UserId> user_id;  // absent: nobody has that e-mail
  bool locks_account = false;     // nobody's account: it was the last one that its budget allows
  Time failed_at{};
  base::milliseconds guess_window{0};
  // Wrong passwords in a window; the last of them locks the account.
  std::int64_t account_limit = 0;
  // When the window began in which memory has counted it (shm/rate_slots.h), to kWindowSlack: the
  // account's ends with that one, never before, or a guess in between would tell who has an account.
  Time guesses_since{};
  static constexpr base::milliseconds kWindowSlack{2000};
  static constexpr Fields<&RecordFailedSignIn::record_id, &RecordFailedSignIn::organization_id,
                          &RecordFailedSignIn::reason, &RecordFailedSignIn::user_id,
                          &RecordFailedSignIn::locks_account, &RecordFailedSignIn::failed_at,
                          &RecordFailedSignIn::guess_window, &RecordFailedSignIn::account_limit,
                          &RecordFailedSignIn::guesses_since>
      kFields{};
};

}  // namespace records
