#include "store/sqlite_status.h"

#include <sqlite3.h>

#include <cerrno>
#include <string>

namespace store {

namespace {

using base::Code;

bool DiskIsFull(sqlite3* database) {
  const int error_number = database == nullptr ? 0 : sqlite3_system_errno(database);
  return error_number == ENOSPC || error_number == EDQUOT;
}

Code ClassifyIoError(sqlite3* database, int code) {
  switch (code) {
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC:
      return Code::kInternal;  // even for ENOSPC: what the kernel dropped is unknown
    case SQLITE_IOERR_NOMEM:
      return Code::kUnavailable;
    default:
      return DiskIsFull(database) ? Code::kFull : Code::kInternal;
  }
}

Code Classify(sqlite3* database, int code) {
  if (code == SQLITE_READONLY_RECOVERY || code == SQLITE_READONLY_CANTINIT ||
      code == SQLITE_READONLY_CANTLOCK) {
    return Code::kUnavailable;  // no writer has the file open just now
  }
  if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY) {
    return Code::kExists;
  }
  switch (code & 0xff) {
    case SQLITE_FULL:
      return Code::kFull;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
    case SQLITE_NOMEM:
      return Code::kUnavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Code::kCorrupt;
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
      return Code::kInvalid;
    case SQLITE_IOERR:
      return ClassifyIoError(database, code);
    default:
      return Code::kInternal;
  }
}

}  // namespace

base::Status SqliteStatus(sqlite3* database, int code, std::string_view what) {
  std::string message(what);
  message += ": ";
  message += sqlite3_errstr(code);
  message += " (" + std::to_string(code) + ")";
  if (database != nullptr && sqlite3_extended_errcode(database) == code) {
    message += ": ";
    message += sqlite3_errmsg(database);
  }
  return base::Status(Classify(database, code), std::move(message));
}

std::int64_t SqliteVersionNumber() { return sqlite3_libversion_number(); }

}  // namespace store
