#include "store/connection.h"

#include <sqlite3.h>

#include <array>

#include "store/sqlite_status.h"

namespace store {

namespace {

// SQLite's own count of what it allocates takes a lock and costs a fifth of a small read. To be set
// before the library is first used; nobody else in the process uses it.
void TurnOffMemoryStatistics() {
  static const int code = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(code);
}

struct Rule {
  int option;
  int value;
};
// Latchkey's schema has neither triggers nor views: what there is of them came from elsewhere.
constexpr std::array kRules{
    Rule{SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
    Rule{SQLITE_DBCONFIG_ENABLE_VIEW, 0},
    Rule{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
    Rule{SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
    Rule{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
    Rule{SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
    Rule{SQLITE_DBCONFIG_DQS_DDL, 0},
    Rule{SQLITE_DBCONFIG_DQS_DML, 0},
};

}  // namespace

void ConnectionCloser::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

base::Result<UniqueConnection> OpenConnection(const ConnectionOptions& options) {
  TurnOffMemoryStatistics();
  sqlite3* handle = nullptr;
  const int flags = options.flags | SQLITE_OPEN_NOMUTEX;
  int code = sqlite3_open_v2(options.path.c_str(), &handle, flags, options.vfs);
  UniqueConnection connection(handle);
  if (code == SQLITE_OK) sqlite3_extended_result_codes(handle, 1);
  for (const Rule& rule : kRules) {
    if (code != SQLITE_OK) break;
    code = sqlite3_db_config(handle, rule.option, rule.value, nullptr);
  }
  if (code == SQLITE_OK) {
    const int defensive = options.is_defensive ? 1 : 0;
    code = sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, defensive, nullptr);
  }
  if (code != SQLITE_OK) return SqliteStatus(handle, code, "open " + options.path);
  return connection;
}

}  // namespace store
