// Deletes what has expired, a bounded step at a time, in the writer's idle time.
//   device codes   along their key (ids sort by time): at expiry the live user_code goes; the row
//                  itself, a tombstone by then, when `keep` has passed since, or sooner where there are
//                  more than most_tombstones: strangers make them
//   used client assertions   along an index of expires_at, at once
//   all else       along an index of expires_at, when `keep` has passed since; a revoked grant's is
//                  when it was revoked
//   refresh tokens   besides, in a walk over all of them every kWalkEvery: those whose grant is gone, and,
//                  `keep` (kLeastKept at least) after their rotation, those that had been rotated within kShortLife.
//                  Who refreshes as fast as they may leaves a day's rows; a token that was the newest for
//                  longer, which somebody may still hold, is known until its own end. A replay of one that
//                  is gone is refused and ends nothing.
// Not thread-safe; on the writer's one connection, outside a transaction.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "records/ids.h"
#include "store/apply/live_code_counts.h"
#include "store/database.h"
#include "store/statement.h"

namespace store {

class Sweeper {
 public:
  struct Options {
    base::milliseconds keep = std::chrono::hours(24);  // so that "expired" is told from "unknown"
    std::int64_t rows_per_step = 300;
    std::int64_t most_tombstones = 2'000'000;  // some 800 MB
  };
  static constexpr base::milliseconds kWalkEvery = std::chrono::hours(6);
  static constexpr base::milliseconds kShortLife = std::chrono::minutes(10);
  static constexpr base::milliseconds kLeastKept = std::chrono::hours(1);  // no grace is longer
  struct Swept {
    std::int64_t rows = 0;  // deleted, durable
    bool has_more = false;  // another step would find work at once
  };

  Sweeper(Database& database, LiveCodeCounts& live_codes, const Options& options)
      : live_codes_(live_codes), options_(options), statements_(database) {}

  // One transaction of rows_per_step deletions at most; none at all where nothing is due.
  // Errors as those of a batch: kFull, kUnavailable; kCorrupt and kInternal stop the writer.
  base::Result<Swept> Step(base::Time now);

 private:
  struct ExpiredCode {
    records::DeviceCodeId id;
    records::OrganizationId organization_id;
    records::ClientRowId client_row_id;
    std::string user_code;
    std::string address;
  };
  struct Walk {
    std::vector<ExpiredCode> expired;
    records::DeviceCodeId end;  // the last row walked over
    std::int64_t rows = 0;
    bool has_more = false;
  };

  base::Result<Walk> WalkExpiredCodes(base::Time now);
  base::Result<std::int64_t> FreeUserCodes(std::vector<ExpiredCode> codes);
  bool IsWalkDue(base::Time now) const;
  base::Result<std::int64_t> WalkRefreshTokens(base::Time now, std::int64_t most_rows);
  base::Result<std::int64_t> DeleteAlong(std::string_view sql, base::Time bound,
                                         std::int64_t most_rows);

  LiveCodeCounts& live_codes_;
  Options options_;
  StatementCache statements_;
  // All device codes up to here have expired and are live no more. Starts from the oldest row:
  // walking over tombstones writes nothing.
  records::DeviceCodeId cursor_;
  std::int64_t tombstones_ = 0;  // rows up to there
  // How far this walk over the refresh tokens came, and when it is due.
  records::RefreshTokenId refresh_cursor_;
  base::Time walk_due_at_;
};

}  // namespace store
