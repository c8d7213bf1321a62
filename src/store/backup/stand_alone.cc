#include "store/backup/stand_alone.h"

#include <sqlite3.h>

#include "store/connection.h"
#include "store/sqlite_status.h"

namespace store {

namespace {

// A reader that just leaves may hold it for a moment.
constexpr int kPatienceMs = 500;

}  // namespace

base::Status MakeStandAlone(const std::string& path) {
  const auto connection = OpenConnection({.path = path, .flags = SQLITE_OPEN_READWRITE});
  if (!connection.ok()) return connection.error();
  sqlite3* raw = connection->get();
  sqlite3_busy_timeout(raw, kPatienceMs);
  // SQLite leaves WAL mode only for a connection that is alone.
  const int code = sqlite3_exec(raw, "PRAGMA journal_mode=DELETE", nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  base::Status status = SqliteStatus(raw, code, "take the WAL out of " + path);
  if (status.code() != base::Code::kUnavailable) return status;
  return {status.code(),
          path + " is open in another process: stop all of the server first, its pools too"};
}

}  // namespace store
