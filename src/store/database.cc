#include "store/database.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <utility>

#include "store/sqlite_status.h"

namespace store {

namespace {

using base::Code;
using base::Result;
using base::Status;

// page_size and auto_vacuum hold only if set before the first table; freed pages are used again by
// the next rows, so the file need not shrink.
constexpr const char* kNewFilePragmas =
    "PRAGMA page_size=4096; PRAGMA auto_vacuum=NONE; PRAGMA application_id=0x4c4b6579;";
constexpr int kOpenWaitMs = 2000;
constexpr const char* kWriterPragmas =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
    "PRAGMA mmap_size=0; PRAGMA foreign_keys=OFF; PRAGMA secure_delete=FAST;";

Status SetFileModes(const std::string& path, std::uint32_t mode) {
  if (mode == 0) return Status();
  for (const char* suffix : {"", "-wal", "-shm"}) {
    const std::string name = path + suffix;
    if (::chmod(name.c_str(), mode) != 0 && errno != ENOENT) {
      return base::ErrnoStatus("chmod " + name, errno);
    }
  }
  return Status();
}

Status CheckApplication(Database& database, const std::string& path) {
  const Result<std::int64_t> id = database.QueryInteger("PRAGMA application_id");
  if (!id.ok()) return id.error();
  if (*id == kApplicationId) return Status();
  return Status(Code::kCorrupt,
                path + " is not a Latchkey database (application_id " + std::to_string(*id) + ")");
}

// SQLite takes an empty database for a new one and deletes the WAL beside it, with all that it holds.
// A WAL is made only beside a database that has its first page already.
Status CheckLogHasItsDatabase(const std::string& path) {
  struct stat file {};
  const bool has_log = ::stat((path + "-wal").c_str(), &file) == 0;
  if (!has_log || (::stat(path.c_str(), &file) == 0 && file.st_size > 0)) return Status();
  return Status(Code::kCorrupt,
                path + " is missing or empty, but its WAL (-wal) is there: put it back");
}

Status PrepareNewFile(Database& database) {
  const Result<std::int64_t> pages = database.QueryInteger("PRAGMA page_count");
  if (!pages.ok()) return pages.error();
  return *pages == 0 ? database.Execute(kNewFilePragmas) : Status();
}

Status KeepLogAfterClose(sqlite3* handle) {
  int on = 1;
  const int code = sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
  return code == SQLITE_OK ? Status() : SqliteStatus(handle, code, "keep the WAL after close");
}

}  // namespace

Result<Database> Database::Open(const std::string& path, int flags) {
  auto connection = OpenConnection({.path = path, .flags = flags});
  if (!connection.ok()) return connection.error();
  return Database(std::move(*connection));
}

Result<Database> Database::OpenInMemory() {
  return Open(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
}

Result<Database> Database::OpenForWriting(const WriterOptions& options) {
  if (Status status = CheckLogHasItsDatabase(options.path); !status.ok()) return status;
  Result<Database> database = Open(options.path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  if (!database.ok()) return database.error();
  // A reader that just opens the file may hold it for a moment. (The checkpointer brings its own
  // handler.)
  sqlite3_busy_timeout(database->handle(), kOpenWaitMs);
  if (Status status = PrepareNewFile(*database); !status.ok()) return status;
  if (Status status = CheckApplication(*database, options.path); !status.ok()) return status;
  if (Status status = database->Execute(kWriterPragmas); !status.ok()) return status;
  const std::string cache = "PRAGMA cache_size=-" + std::to_string(options.cache_mb * 1024);
  if (Status status = database->Execute(cache.c_str()); !status.ok()) return status;
  if (Status status = KeepLogAfterClose(database->handle()); !status.ok()) return status;
  // A read makes the WAL and its index, so that their modes can be set now.
  if (auto version = database->QueryInteger("PRAGMA user_version"); !version.ok()) {
    return version.error();
  }
  if (Status status = SetFileModes(options.path, options.file_mode); !status.ok()) return status;
  return database;
}

Result<Database> Database::OpenForReading(const ReaderOptions& options) {
  struct stat file {};
  if (::stat(options.path.c_str(), &file) != 0) {
    return base::ErrnoStatus("stat " + options.path, errno);
  }
  Result<Database> database = Open(options.path, SQLITE_OPEN_READONLY);
  if (!database.ok()) return database.error();
  const std::string pragmas = "PRAGMA cache_size=-" + std::to_string(options.cache_kb) +
                              "; PRAGMA mmap_size=" + std::to_string(options.mmap_bytes) +
                              "; PRAGMA query_only=ON;";
  if (Status status = database->Execute(pragmas.c_str()); !status.ok()) return status;
  const Result<std::int64_t> version = database->QueryInteger("PRAGMA user_version");
  if (!version.ok()) return version.error();
  if (*version == 0) return Status(Code::kNotFound, options.path + " is not set up yet");
  if (Status status = CheckApplication(*database, options.path); !status.ok()) return status;
  return database;
}

Status Database::Execute(const char* sql) {
  constexpr std::size_t kShownChars = 60;
  const int code = sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK
             ? Status()
             : SqliteStatus(handle(), code, std::string_view(sql).substr(0, kShownChars));
}

Result<std::int64_t> Database::QueryInteger(const char* sql) {
  sqlite3_stmt* raw = nullptr;
  int code = sqlite3_prepare_v2(handle(), sql, -1, &raw, nullptr);
  const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> statement(raw,
                                                                             &sqlite3_finalize);
  if (code == SQLITE_OK) code = sqlite3_step(raw);
  if (code == SQLITE_ROW) return static_cast<std::int64_t>(sqlite3_column_int64(raw, 0));
  if (code == SQLITE_DONE) return Status(Code::kNotFound, std::string(sql) + ": no row");
  return SqliteStatus(handle(), code, sql);
}

bool Database::InTransaction() const { return sqlite3_get_autocommit(handle()) == 0; }

std::int64_t Database::TotalChanges() const { return sqlite3_total_changes64(handle()); }

}  // namespace store
