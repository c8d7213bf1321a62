#include "accounts/sign_in.h"

#include <utility>

#include "accounts/email_address.h"
#include "accounts/organization.h"
#include "accounts/password_text.h"
#include "base/text.h"
#include "domain/guess_budget.h"
#include "domain/split_token.h"

namespace accounts {

namespace {

using domain::Answer;
using domain::Ports;

using domain::LimitPurpose;

constexpr std::string_view kPasswordAmr = "pwd";  // RFC 8176 §2

domain::Error Wrong() {
  return {.code = domain::ErrorCode::kAccessDenied,
          .description = "The e-mail address or the password is not right."};
}

domain::Error WrongOrLocked() {
  return {.code = domain::ErrorCode::kAccessDenied,
          .description =
              "The e-mail address or the password is not right. Check both, or try again later."};
}

// An account's wrong passwords stand in its row, so that no restart and no reboot forgets them.
// Those before an unlock or a new password were taken from it. Its window is that of memory, known
// to kWindowSlack alone: it is let go so much earlier, for memory, which counts nobody's guesses as
// well, has the last word.
bool IsLocked(const records::UserRow& user, const Ports& ports) {
  const base::seconds window(ports.settings.guess_window_s);
  const base::Time now = ports.clock.Now();
  const bool is_counting =
      user.guesses_since + window > now + records::RecordFailedSignIn::kWindowSlack &&
      user.guesses_since <= now + window && user.guesses_since >= user.unlocked_at;
  return is_counting && user.guesses >= ports.settings.password_attempts_per_account;
}

using Found = std::optional<records::UserRow>;

// The same in memory: of an e-mail that nobody has all of them; of somebody's what no writer wrote down, too, or there
// were no limit while the writer is away.
domain::KeyBudget GuessesOf(const Found& user, records::OrganizationId organization_id,
                            std::string_view email, const Ports& ports) {
  domain::LimitKey key =
      user ? domain::AccountKey(LimitPurpose::kPasswordAccount, user->organization_id, user->id,
                                user->unlocked_at)
           : domain::UnknownAccountKey(LimitPurpose::kPasswordAccount, organization_id, email);
  return {std::move(key), ports.settings.password_attempts_per_account,
          base::seconds(ports.settings.guess_window_s)};
}

// A table that is full locks nobody who has a row: the row counts.
bool IsLocked(const Found& user, const domain::KeyBudget& guesses, const Ports& ports) {
  if (!user) return guesses.SpentFor(ports).has_value();
  return IsLocked(*user, ports) || guesses.WasSpent(ports);
}

// Right passwords: each costs a hash, a row, and one of the audit log.
domain::KeyBudget SignInsOf(const records::UserRow& user, const Ports& ports) {
  return {
      domain::AccountKey(LimitPurpose::kSignIn, user.organization_id, user.id, user.unlocked_at),
      ports.settings.sign_ins_per_account, base::seconds(60)};
}

domain::Error TooManySignIns(base::seconds left, const Ports& ports) {
  ports.Note(domain::Event::kSignInsLimited);
  return domain::TooMany("This account was signed in to too often. Wait a minute, then try again.",
                         left);
}

records::FailedSignIn ReasonOf(const Found& user) {
  if (!user) return records::FailedSignIn::kNoSuchUser;
  return user->status == records::UserStatus::kActive ? records::FailedSignIn::kWrongPassword
                                                      : records::FailedSignIn::kUserDisabled;
}

// nullopt: nobody has this e-mail.
Answer<Found> FindUser(records::OrganizationId organization_id, std::string_view email,
                       const Ports& ports) {
  auto user = ports.reader.FindUserByEmail(organization_id, email);
  if (user.ok()) return Found(std::move(*user));
  if (user.error().code() == base::Code::kNotFound) return Found();
  return domain::ErrorOf(user.error().code());
}

// The former session ends with the new one, if the browser really holds it.
std::optional<records::SessionId> FormerId(const PasswordSignIn& request, const Ports& ports) {
  const auto former = FindSession(request.organization_id, request.former_cookie, ports);
  if (!former.ok() || !*former) return std::nullopt;
  return (*former)->id;
}

// The answer waits for its row of the audit log, as that of a right password waits for the grant:
// nothing is answered that is not on record, both take one commit, and where the writer is gone both
// are answered alike, so that its absence does not tell a right password from a wrong one.
domain::Step<Answer<SignedIn>> Fail(const PasswordSignIn& request, const Found& user,
                                    const domain::KeyBudget& guesses, const Ports& ports) {
  const base::seconds window(ports.settings.guess_window_s);
  const base::Time now = ports.clock.Now();
  return domain::PendingWrite<Answer<SignedIn>>{
      records::RecordFailedSignIn{.record_id = request.request_id,
                                  .organization_id = request.organization_id,
                                  .reason = ReasonOf(user),
                                  .user_id = user ? std::optional(user->id) : std::nullopt,
                                  .locks_account = !user && guesses.SpentFor(ports).has_value(),
                                  .failed_at = now,
                                  .guess_window = window,
                                  .account_limit = ports.settings.password_attempts_per_account,
                                  .guesses_since = now + guesses.Left(ports) - window},
      [](const records::WriteResult& result) -> domain::Step<Answer<SignedIn>> {
        // The organization may be gone meanwhile.
        const bool is_decided =
            result.code == base::Code::kOk || result.code == base::Code::kNotFound;
        return is_decided ? Wrong() : domain::ErrorOf(result.code);
      }};
}

// A request's second write is a record of its own.
records::RecordId SecondOf(records::RecordId request_id) {
  ++request_id.bytes.back();
  return request_id;
}

enum class Match : std::uint8_t { kNone, kNormalized, kAsTyped };

// Ours are of normalized passwords (accounts/password_text.h). Other programs hashed what was typed,
// most of them: so an imported hash is tried twice where the two differ, and never more often.
Match Compare(std::string_view typed, std::string_view normalized, std::string_view password_hash,
              domain::PasswordHasher& hasher) {
  if (hasher.Verify(normalized, password_hash)) return Match::kNormalized;
  const bool may_be_as_typed = normalized != typed && hasher.IsImported(password_hash);
  if (may_be_as_typed && hasher.Verify(typed, password_hash)) return Match::kAsTyped;
  return Match::kNone;
}

std::optional<std::string> NewHash(const records::UserRow& user, Match match,
                                   std::string_view normalized, domain::PasswordHasher& hasher) {
  if (match == Match::kNormalized) return hasher.Renew(normalized, user.password_hash);
  auto hash = hasher.Hash(normalized);
  if (!hash.ok()) return std::nullopt;
  return std::move(*hash);
}

// Where another program made the hash of this password, which is right, or where it costs less than ours
// do today: one of today's in its place.
std::optional<records::ReplacePasswordHash> OwnHash(const records::UserRow& user,
                                                    const PasswordSignIn& request, Match match,
                                                    std::string_view normalized,
                                                    domain::PasswordHasher& hasher,
                                                    const Ports& ports) {
  auto hash = NewHash(user, match, normalized, hasher);
  if (!hash) return std::nullopt;
  return records::ReplacePasswordHash{.record_id = SecondOf(request.request_id),
                                      .user_id = user.id,
                                      .organization_id = user.organization_id,
                                      .former_hash = user.password_hash,
                                      .password_hash = std::move(*hash),
                                      .replaced_at = ports.clock.Now()};
}

// Who is signed in is so whatever comes of it: the next sign-in tries again.
domain::Step<Answer<SignedIn>> KeepOwnHash(std::optional<records::ReplacePasswordHash> own_hash,
                                           const SignedIn& signed_in) {
  if (!own_hash) return signed_in;
  return domain::PendingWrite<Answer<SignedIn>>{
      std::move(*own_hash),
      [signed_in](const records::WriteResult&) -> domain::Step<Answer<SignedIn>> {
        return signed_in;
      }};
}

domain::Step<Answer<SignedIn>> Begin(const records::UserRow& user, const PasswordSignIn& request,
                                     std::optional<records::ReplacePasswordHash> own_hash,
                                     const Ports& ports) {
  domain::Secret secret{};
  ports.random.Fill(secret);
  records::SessionId id;
  ports.ids.Make(&id);
  const base::Time now = ports.clock.Now();
  const base::seconds lifetime(ports.settings.session_s);
  const SignedIn signed_in{.cookie = domain::EncodeSplitToken(id, secret), .lifetime = lifetime};
  return domain::PendingWrite<Answer<SignedIn>>{
      records::CreateSession{.record_id = request.request_id,
                             .session_id = id,
                             .organization_id = request.organization_id,
                             .user_id = user.id,
                             .secret_hash = ports.hashes.Sha256(secret),
                             .amr = std::string(kPasswordAmr),
                             .auth_time = now,
                             .expires_at = now + lifetime,
                             .address = request.address,
                             .user_agent = base::ShownUserAgent(request.user_agent),
                             .former_id = FormerId(request, ports),
                             .session_epoch = user.session_epoch},
      [signed_in, own_hash = std::move(own_hash), sign_ins = SignInsOf(user, ports),
       &ports](const records::WriteResult& result) -> domain::Step<Answer<SignedIn>> {
        if (result.code == base::Code::kOk) {
          sign_ins.Take(ports);  // only now: one that no writer wrote down must leave no trace
          return KeepOwnHash(own_hash, signed_in);
        }
        // The password was changed, or the account disabled, while this one was being checked.
        if (result.code == base::Code::kDenied) return Wrong();
        return domain::ErrorOf(result.code);
      }};
}

bool IsLive(const records::SessionRow& row, const Ports& ports) {
  return row.expires_at > ports.clock.Now() && row.user_status == records::UserStatus::kActive;
}

}  // namespace

domain::Step<Answer<SignedIn>> SignInWithPassword(const PasswordSignIn& request,
                                                  domain::PasswordHasher& hasher,
                                                  const Ports& ports) {
  const domain::NetworkBudget address(LimitPurpose::kPasswordAddress, request.address,
                                      {.limit = ports.settings.password_attempts_per_address,
                                       .window = base::seconds(ports.settings.guess_window_s)});
  if (const domain::Spent spent = address.SpentFor(ports)) {
    ports.Note(domain::Event::kPasswordsLimited);
    return domain::TooMany(
        "Too many wrong passwords from your network. Wait a few minutes, then try again.", *spent);
  }
  // What is no address is nobody's.
  const auto normal = NormalizeEmailAddress(request.email);
  const std::string email = normal.ok() ? *normal : request.email;
  const auto user = FindUser(request.organization_id, email, ports);
  if (!user.ok()) return user.error();
  const domain::KeyBudget guesses = GuessesOf(*user, request.organization_id, email, ports);
  if (IsLocked(*user, guesses, ports)) {
    ports.Note(domain::Event::kAccountLimited);
    return WrongOrLocked();
  }
  // Asked before the hash, which is the dearest of it. It tells that there is such an account only to who
  // has just signed in to it as often.
  if (*user) {
    if (const domain::Spent spent = SignInsOf(**user, ports).SpentFor(ports)) {
      return TooManySignIns(*spent, ports);
    }
  }
  // Verified whoever it is, so that nobody's answer takes the time of somebody's.
  const std::string normalized = NormalizePassword(request.password);
  const Match match =
      Compare(request.password, normalized, *user ? (*user)->password_hash : "", hasher);
  if (match == Match::kNone || !*user || (*user)->status != records::UserStatus::kActive) {
    ports.Note(domain::Event::kWrongPassword);
    // An imported hash may cost more than ours, for nothing: it counts as what it costs, up to ten times (PriceOf).
    const int price = *user ? hasher.PriceOf((*user)->password_hash) : 1;
    for (int i = 0; i < price; ++i) address.Take(ports);
    guesses.Take(ports);
    return Fail(request, *user, guesses, ports);
  }
  return Begin(**user, request, OwnHash(**user, request, match, normalized, hasher, ports), ports);
}

Answer<std::optional<records::SessionRow>> FindSession(records::OrganizationId organization_id,
                                                       std::string_view cookie,
                                                       const Ports& ports) {
  const std::optional<records::SessionRow> nobody;
  const auto split_token = domain::DecodeSplitToken<records::SessionTag>(cookie);
  if (!split_token) return nobody;
  auto row = ports.reader.FindSession(organization_id, split_token->id);
  if (!row.ok()) {
    if (row.error().code() == base::Code::kNotFound) return nobody;
    return domain::ErrorOf(row.error().code());
  }
  if (!domain::HoldsSecret(*split_token, row->secret_hash, ports.hashes) || !IsLive(*row, ports)) {
    return nobody;
  }
  const auto organization = FindActiveOrganization(organization_id, ports);
  if (organization.ok()) return std::optional(std::move(*row));
  if (organization.error().code == domain::ErrorCode::kNotFound) return nobody;
  return organization.error();
}

domain::Step<Answer<SignedOut>> SignOut(records::OrganizationId organization_id,
                                        std::string_view cookie, records::RecordId request_id,
                                        const Ports& ports) {
  const auto session = FindSession(organization_id, cookie, ports);
  if (!session.ok()) return session.error();
  if (!*session) return SignedOut{};
  return domain::PendingWrite<Answer<SignedOut>>{
      records::EndSession{.record_id = request_id,
                          .organization_id = organization_id,
                          .session_id = (*session)->id},
      [](const records::WriteResult& result) -> domain::Step<Answer<SignedOut>> {
        if (result.code == base::Code::kOk || result.code == base::Code::kNotFound)
          return SignedOut{};
        return domain::ErrorOf(result.code);
      }};
}

}  // namespace accounts
