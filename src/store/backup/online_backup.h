// A copy of a database that is in use, made in small steps through the connection of its one writer:
// what that connection commits meanwhile goes into the copy too, so that the finished copy is the state
// of its last step, and no read transaction is held between steps (the WAL stays short).
// The copy is one file that stands alone, without a WAL. It is not synced: whoever gives it its final
// name does that. Not thread-safe; steps are made outside of transactions. Source:
// https://sqlite.org/c3ref/backup_finish.html, docs/storage.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/status.h"
#include "store/database.h"

struct sqlite3_backup;

namespace store {

// Where the writer makes the copy that a command asked for: beside the database, under its own user,
// on the disk that its commits wait for anyway (docs/storage.md "Backups").
inline constexpr std::string_view kStagedSuffix = ".backup-in-progress";
std::string StagedBackupPath(const std::string& database_path);

class OnlineBackup {
 public:
  struct Progress {
    std::int64_t copied_pages = 0;
    std::int64_t total_pages = 0;  // of the database now: it may grow
    bool is_done = false;
  };

  // A copy never takes the last of a disk: this much stays free on it.
  static constexpr std::int64_t kReserveBytes = std::int64_t{64} << 20;

  // Makes `path` anew, mode 0600; a file that is there is removed. `source` outlives this. kFull:
  // no room for the copy and the reserve, with the numbers; else as SQLite and the system say.
  static base::Result<std::unique_ptr<OnlineBackup>> Begin(Database& source,
                                                           const std::string& path);
  OnlineBackup(const OnlineBackup&) = delete;
  OnlineBackup& operator=(const OnlineBackup&) = delete;
  // Removes a copy that is not done.
  ~OnlineBackup();

  // Copies `pages` more at most (4 KB each). After an error the backup is over; the source is as it
  // was. kFull: the disk of the copy; kUnavailable: rolled-back batches made it start again and
  // again; kCorrupt, kInternal.
  base::Result<Progress> Step(int pages);

 private:
  struct Closer {
    void operator()(sqlite3_backup* backup) const;
  };
  OnlineBackup(Database& source, std::string path) : source_(source), path_(std::move(path)) {}
  base::Status OpenCopy();
  base::Status CheckRoom(std::int64_t wanted_bytes) const;
  base::Status NoteProgress();
  base::Status Seal();

  Database& source_;
  std::string path_;
  UniqueConnection copy_;
  std::unique_ptr<sqlite3_backup, Closer> backup_;  // goes before copy_
  Progress progress_;
  int restarts_ = 0;
};

}  // namespace store
