#include "store/backup/stand_alone.h"

#include <sqlite3.h>

#include <memory>

#include "store/sqlite_status.h"

namespace store {

namespace {

// A reader that just leaves may hold it for a moment.
constexpr int kPatienceMs = 500;

struct Closer {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};

}  // namespace

base::Status MakeStandAlone(const std::string& path) {
  sqlite3* raw = nullptr;
  int code =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  const std::unique_ptr<sqlite3, Closer> handle(raw);
  if (code == SQLITE_OK) {
    sqlite3_extended_result_codes(raw, 1);
    sqlite3_busy_timeout(raw, kPatienceMs);
    // SQLite leaves WAL mode only for a connection that is alone.
    code = sqlite3_exec(raw, "PRAGMA journal_mode=DELETE", nullptr, nullptr, nullptr);
  }
  if (code == SQLITE_OK) return {};
  base::Status status = SqliteStatus(raw, code, "take the log out of " + path);
  if (status.code() != base::Code::kUnavailable) return status;
  return {status.code(),
          path + " is open in another process: stop all of the server first, its pools too"};
}

}  // namespace store
