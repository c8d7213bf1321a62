#include "store/sweeper.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "records/enums.h"
#include "store/apply/live_user_codes.h"
#include "store/transaction.h"

namespace store {

namespace {

using base::Result;
using base::Status;
using std::string_view;

constexpr string_view kWalk =
    "SELECT id, organization_id, client_row_id, user_code, address, state, expires_at"
    " FROM device_codes WHERE id > ?1 ORDER BY id LIMIT ?2";

// The first rows of the table, up to the first that is not due.
constexpr string_view kDeleteTombstones =
    "DELETE FROM device_codes WHERE id IN"
    " (SELECT id FROM device_codes ORDER BY id LIMIT ?2) AND expires_at <= ?1";
// Told from an unknown one by nobody: gone as soon as it is over.
constexpr string_view kDeleteUsedAssertions =
    "DELETE FROM used_assertions WHERE (client_row_id, jti_hash) IN"
    " (SELECT client_row_id, jti_hash FROM used_assertions WHERE expires_at <= ?1"
    " ORDER BY expires_at LIMIT ?2)";
constexpr std::array<string_view, 6> kDeleteExpired{
    "DELETE FROM access_tokens WHERE id IN"
    " (SELECT id FROM access_tokens WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
    "DELETE FROM refresh_tokens WHERE id IN"
    " (SELECT id FROM refresh_tokens WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
    "DELETE FROM grants WHERE id IN"
    " (SELECT id FROM grants WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
    "DELETE FROM sessions WHERE id IN"
    " (SELECT id FROM sessions WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
    "DELETE FROM password_links WHERE id IN"
    " (SELECT id FROM password_links WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
    "DELETE FROM seen_records WHERE record_id IN"
    " (SELECT record_id FROM seen_records WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)"};

// The next rows of the table: how many, and the last of them.
constexpr string_view kNextRefreshTokens =
    "SELECT count(*), max(id) FROM (SELECT id FROM refresh_tokens WHERE id > ?1 ORDER BY id LIMIT "
    "?2)";
constexpr string_view kDeleteOldRefreshTokens =
    "DELETE FROM refresh_tokens WHERE id > ?1 AND id <= ?2 AND"
    " ((rotated_at <= ?3 AND rotated_at - created_at < ?4) OR NOT EXISTS (SELECT 1 FROM grants e"
    " WHERE e.id = refresh_tokens.grant_id"
    " AND e.organization_id = refresh_tokens.organization_id))";

// Walking over a row costs far less than deleting one.
constexpr std::int64_t kWalkFactor = 10;

}  // namespace

Result<Sweeper::Swept> Sweeper::Step(base::Time now) {
  Result<Walk> walk = WalkExpiredCodes(now);
  if (!walk.ok()) return walk.error();
  Result<Transaction> transaction = Transaction::Begin(statements_);
  if (!transaction.ok()) return transaction.error();
  live_codes_.Begin();
  const Result<std::int64_t> freed = FreeUserCodes(std::move(walk->expired));
  if (!freed.ok()) return freed.error();
  Swept swept{.rows = *freed, .has_more = walk->has_more};
  const auto delete_along = [&](string_view sql, base::Time bound) -> Status {
    const std::int64_t room = options_.rows_per_step - swept.rows;
    if (room <= 0) return Status();
    const Result<std::int64_t> deleted = DeleteAlong(sql, bound, room);
    if (deleted.ok()) swept.rows += *deleted;
    return deleted.status();
  };
  const base::Time kept_since = now - options_.keep;
  const std::int64_t before = swept.rows;
  const bool are_too_many = tombstones_ + walk->rows > options_.most_tombstones;
  if (Status status = delete_along(kDeleteTombstones, are_too_many ? now : kept_since);
      !status.ok()) {
    return status;
  }
  const std::int64_t tombstones = tombstones_ + walk->rows - (swept.rows - before);
  if (Status status = delete_along(kDeleteUsedAssertions, now); !status.ok()) return status;
  for (const string_view sql : kDeleteExpired) {
    if (Status status = delete_along(sql, kept_since); !status.ok()) return status;
  }
  const Result<std::int64_t> walked = WalkRefreshTokens(now, options_.rows_per_step - swept.rows);
  if (!walked.ok()) return walked.error();
  swept.rows += *walked;
  // Without a change this commits nothing and costs no fsync.
  if (Status status = transaction->Commit(); !status.ok()) return status;
  live_codes_.Keep();
  cursor_ = walk->end;
  tombstones_ = tombstones;
  swept.has_more = swept.has_more || swept.rows >= options_.rows_per_step || IsWalkDue(now);
  return swept;
}

Result<Sweeper::Walk> Sweeper::WalkExpiredCodes(base::Time now) {
  const std::int64_t most_rows = options_.rows_per_step * kWalkFactor;
  Walk walk{.expired = {}, .end = cursor_, .has_more = false};
  Query query(statements_, kWalk, cursor_, most_rows);
  for (std::int64_t walked = 0;; ++walked) {
    const Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    walk.has_more = walked == most_rows;
    if (!*row) return walk;
    ExpiredCode code{.id = query.Read<records::DeviceCodeId>(),
                     .organization_id = query.Read<records::OrganizationId>(),
                     .client_row_id = query.Read<records::ClientRowId>(),
                     .user_code = query.Read<std::string>(),
                     .address = query.Read<std::string>()};
    const auto state = query.Read<records::DeviceCodeState>();
    if (query.Read<base::Time>() > now) return walk;
    if (state == records::DeviceCodeState::kPending) {
      if (static_cast<std::int64_t>(walk.expired.size()) == options_.rows_per_step) {
        walk.has_more = true;
        return walk;
      }
      walk.end = code.id;
      walk.expired.push_back(std::move(code));
    } else {
      walk.end = code.id;
    }
    ++walk.rows;
  }
}

// Fewer than `codes` where a former sweeper has freed some: their tombstones look the same.
Result<std::int64_t> Sweeper::FreeUserCodes(std::vector<ExpiredCode> codes) {
  std::sort(codes.begin(), codes.end(),
            [](const auto& a, const auto& b) { return a.user_code < b.user_code; });
  std::int64_t freed = 0;
  for (const ExpiredCode& code : codes) {
    const Result<std::int64_t> deleted =
        FreeUserCode(statements_, code.user_code, code.organization_id, code.id);
    if (!deleted.ok()) return deleted.error();
    freed += *deleted;
    if (*deleted == 1) live_codes_.Remove(code.client_row_id, NetworkNumberOf(code.address));
  }
  return freed;
}

// Due as well if the clock was set back since: the due time is then further off than one interval.
bool Sweeper::IsWalkDue(base::Time now) const {
  return now >= walk_due_at_ || walk_due_at_ - now > kWalkEvery;
}

// A cursor that a failed transaction leaves ahead misses what it walked over until the next walk.
Result<std::int64_t> Sweeper::WalkRefreshTokens(base::Time now, std::int64_t most_rows) {
  if (most_rows <= 0 || !IsWalkDue(now)) return std::int64_t{0};
  records::RefreshTokenId end;
  std::int64_t count = 0;
  {
    Query next(statements_, kNextRefreshTokens, refresh_cursor_, most_rows);
    const Result<bool> row = next.Step();
    if (!row.ok()) return row.error();
    count = next.Read<std::int64_t>();
    end = next.Read<std::optional<records::RefreshTokenId>>().value_or(end);
  }
  const records::RefreshTokenId begin = std::exchange(refresh_cursor_, end);
  if (count < most_rows) {
    refresh_cursor_ = {};
    walk_due_at_ = now + kWalkEvery;
  }
  if (count == 0) return std::int64_t{0};
  const base::milliseconds keep = std::max(options_.keep, kLeastKept);
  return Query(statements_, kDeleteOldRefreshTokens, begin, end, now - keep,
               base::milliseconds(kShortLife).count())
      .Run();
}

Result<std::int64_t> Sweeper::DeleteAlong(string_view sql, base::Time bound,
                                          std::int64_t most_rows) {
  return Query(statements_, sql, bound, most_rows).Run();
}

}  // namespace store
