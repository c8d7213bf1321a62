#include "store/backup/online_backup.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/os/durable_file.h"
#include "base/os/unique_fd.h"
#include "store/sqlite_status.h"

namespace store {

namespace {

using base::Code;
using base::Result;
using base::Status;

// A batch that was rolled back after its first change makes SQLite start the copy anew.
constexpr int kMostRestarts = 20;

// Nobody else opens the copy, and a copy that a crash cut short is thrown away: it needs neither
// locks nor a journal. Little is kept in memory: it is written once.
constexpr const char* kCopyVfs = "unix-none";
constexpr const char* kCopyPragmas =
    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
    "PRAGMA cache_size=-1024;";
// The pages copied say "there is a WAL". Without shared memory (EXCLUSIVE) that can be changed here.
constexpr const char* kSealPragma = "PRAGMA journal_mode=DELETE";

Status MakePrivateFile(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return base::ErrnoStatus("remove " + path, errno);
  }
  const base::UniqueFd fd(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  return fd.valid() ? Status() : base::ErrnoStatus("make " + path, errno);
}

std::string Megabytes(std::int64_t bytes) { return std::to_string(bytes >> 20) + " MB"; }

}  // namespace

std::string StagedBackupPath(const std::string& database_path) {
  return database_path + std::string(kStagedSuffix);
}

void OnlineBackup::Closer::operator()(sqlite3_backup* backup) const {
  sqlite3_backup_finish(backup);
}

Result<std::unique_ptr<OnlineBackup>> OnlineBackup::Begin(Database& source,
                                                          const std::string& path) {
  const Result<std::int64_t> pages = source.QueryInteger("PRAGMA page_count");
  if (!pages.ok()) return pages.error();
  std::unique_ptr<OnlineBackup> backup(new OnlineBackup(source, path));
  backup->progress_.total_pages = *pages;
  if (Status status = backup->CheckRoom(*pages * kPageSizeBytes); !status.ok()) return status;
  if (Status status = MakePrivateFile(path); !status.ok()) return status;
  if (Status status = backup->OpenCopy(); !status.ok()) return status;
  return backup;
}

Status OnlineBackup::OpenCopy() {
  // SQLite refuses a defensive connection that has no journal.
  auto copy = OpenConnection(
      {.path = path_, .flags = SQLITE_OPEN_READWRITE, .vfs = kCopyVfs, .is_defensive = false});
  if (!copy.ok()) return copy.error();
  copy_ = std::move(*copy);
  sqlite3* handle = copy_.get();
  const int code = sqlite3_exec(handle, kCopyPragmas, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return SqliteStatus(handle, code, "open " + path_);
  backup_.reset(sqlite3_backup_init(handle, "main", source_.handle(), "main"));
  return backup_ != nullptr ? Status()
                            : SqliteStatus(handle, sqlite3_extended_errcode(handle), "backup");
}

OnlineBackup::~OnlineBackup() {
  backup_.reset();
  copy_.reset();
  if (!progress_.is_done) ::unlink(path_.c_str());
}

Status OnlineBackup::CheckRoom(std::int64_t wanted_bytes) const {
  const Result<std::int64_t> room = base::RoomBeside(path_);
  if (!room.ok()) return room.error();
  if (*room >= wanted_bytes + kReserveBytes) return Status();
  return Status(Code::kFull, "no room for " + path_ + ": " + Megabytes(*room) + " free, " +
                                 Megabytes(wanted_bytes + kReserveBytes) + " needed (" +
                                 Megabytes(kReserveBytes) + " of it stay free)");
}

Result<OnlineBackup::Progress> OnlineBackup::Step(int pages) {
  const auto left = (progress_.total_pages - progress_.copied_pages) * kPageSizeBytes;
  if (Status status = CheckRoom(left); !status.ok()) return status;
  const int code = sqlite3_backup_step(backup_.get(), pages);
  if (code == SQLITE_DONE) {
    if (Status status = Seal(); !status.ok()) return status;
    return progress_;
  }
  if (code != SQLITE_OK) return SqliteStatus(copy_.get(), code, "copy to " + path_);
  if (Status status = NoteProgress(); !status.ok()) return status;
  return progress_;
}

Status OnlineBackup::NoteProgress() {
  const std::int64_t total = sqlite3_backup_pagecount(backup_.get());
  const std::int64_t copied = total - sqlite3_backup_remaining(backup_.get());
  if (copied < progress_.copied_pages && ++restarts_ > kMostRestarts) {
    return Status(Code::kUnavailable,
                  "the copy had to start again " + std::to_string(kMostRestarts) +
                      " times (batches were rolled back): see the writer's log");
  }
  progress_.copied_pages = copied;
  progress_.total_pages = total;
  return Status();
}

Status OnlineBackup::Seal() {
  backup_.reset();
  if (int code = sqlite3_exec(copy_.get(), kSealPragma, nullptr, nullptr, nullptr);
      code != SQLITE_OK) {
    return SqliteStatus(copy_.get(), code, "finish " + path_);
  }
  copy_.reset();
  progress_.copied_pages = progress_.total_pages;
  progress_.is_done = true;
  return Status();
}

}  // namespace store
