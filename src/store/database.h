// One SQLite connection. Move-only; not thread-safe; closed by the destructor.
// Source: https://sqlite.org/wal.html, docs/storage.md.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/status.h"
#include "store/connection.h"

namespace store {

inline constexpr std::int32_t kApplicationId = 0x4c4b6579;  // "LKey"
inline constexpr std::int64_t kPageSizeBytes = 4096;
inline constexpr std::int64_t kFrameBytes =
    kPageSizeBytes + 24;  // a page in the WAL, with its header

class Database {
 public:
  struct WriterOptions {
    std::string path;
    std::int64_t cache_mb = 16;
    std::uint32_t file_mode = 0640;  // of the database, -wal and -shm; 0: as the umask says
  };
  // Makes the file where it is missing. WAL, synchronous=FULL, no checkpoint of its own accord; the
  // log stays after close, or readers of another user could not open the file then. kCorrupt:
  // another application's file, or a WAL whose database is gone; kUnavailable: cannot be opened.
  static base::Result<Database> OpenForWriting(const WriterOptions& options);

  struct ReaderOptions {
    std::string path;
    std::int64_t cache_kb = 1024;
    std::int64_t mmap_bytes = 0;
  };
  // kNotFound: no such file, or no schema in it yet; kUnavailable: busy or recovering, which
  // passes; kCorrupt: not ours.
  static base::Result<Database> OpenForReading(const ReaderOptions& options);

  // A file of its own that goes with it.
  static base::Result<Database> OpenInMemory();

  sqlite3* handle() const { return handle_.get(); }
  // Runs statements that give no rows back.
  base::Status Execute(const char* sql);
  // The integer that a one-row statement gives back ("PRAGMA user_version").
  base::Result<std::int64_t> QueryInteger(const char* sql);
  bool InTransaction() const;
  // Rows changed by statements since the connection was opened.
  std::int64_t TotalChanges() const;

 private:
  explicit Database(UniqueConnection handle) : handle_(std::move(handle)) {}
  static base::Result<Database> Open(const std::string& path, int flags);

  UniqueConnection handle_;
};

}  // namespace store
