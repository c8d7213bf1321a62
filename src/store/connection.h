// The one place that opens a connection to SQLite, so that none lacks what keeps a hostile file from
// acting: a file may come from another machine (a backup), or have been written by somebody else.
// Not thread-safe. Source: https://sqlite.org/security.html, docs/security.md "The file".
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"

struct sqlite3;

namespace store {

struct ConnectionCloser {
  void operator()(sqlite3* handle) const;
};
using UniqueConnection = std::unique_ptr<sqlite3, ConnectionCloser>;

struct ConnectionOptions {
  std::string path;
  int flags = 0;              // SQLITE_OPEN_...; NOMUTEX is added
  const char* vfs = nullptr;  // a name that SQLite knows; null: the usual one
  // SQLITE_DBCONFIG_DEFENSIVE. Without it only to write a file that has no journal.
  bool is_defensive = true;
};
// Neither triggers nor views of the file run, its schema calls no function that could do harm and
// cannot be written as a table, and names in double quotes are no texts. Errors as SqliteStatus.
base::Result<UniqueConnection> OpenConnection(const ConnectionOptions& options);

}  // namespace store
