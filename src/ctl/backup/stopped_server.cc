#include "ctl/backup/stopped_server.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "base/clock.h"
#include "base/os/durable_file.h"
#include "ctl/backup/backup_names.h"
#include "store/backup/stand_alone.h"
#include "supervisor/environment.h"

namespace ctl {

namespace {

using base::Code;
using base::ErrnoStatus;
using base::Result;
using base::Status;
using base::UniqueFd;

// The writer holds it as long as it lives (writer/instance_lock.h).
std::string WriterLockPath(const std::string& data_dir) { return data_dir + "/writer.lock"; }

Result<UniqueFd> LockWriterOut(const std::string& data_dir) {
  const std::string path = WriterLockPath(data_dir);
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return ErrnoStatus("open " + path, errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno != EWOULDBLOCK) return ErrnoStatus("lock " + path, errno);
  return Status(Code::kConflict, "a writer runs on " + data_dir +
                                     ": stop the server first, the pools too (systemd: `systemctl "
                                     "stop latchkey.target`)");
}

bool IsThere(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

// A second name for the file, so that no moment is without either.
Status KeepAs(const std::string& path, const std::string& kept) {
  if (::link(path.c_str(), kept.c_str()) == 0) return {};
  return ErrnoStatus("keep " + path + " as " + kept, errno);
}

// A name that no file has: two restores may happen within one second.
std::string FreeName(const std::string& wanted) {
  std::string name = wanted;
  for (int i = 2; IsThere(name) || IsThere(name + "-wal"); ++i) {
    name = wanted + "-" + std::to_string(i);
  }
  return name;
}

// No other database's file may ever meet it.
Status RemoveLog(const std::string& database) {
  if (Status status = base::SyncFolderOf(database); !status.ok()) return status;
  ::unlink((database + "-wal").c_str());
  ::unlink((database + "-shm").c_str());
  return base::SyncFolderOf(database);
}

// The log of a damaged database may hold what can still be saved by hand.
Status KeepFormer(const std::string& database, const std::string& kept) {
  if (IsThere(database + "-wal")) {
    if (Status status = KeepAs(database + "-wal", kept + "-wal"); !status.ok()) return status;
  }
  if (!IsThere(database)) return RemoveLog(database);
  Status alone = store::MakeStandAlone(database);
  const bool is_open = alone.code() == Code::kUnavailable;
  if (alone.ok() || is_open) ::unlink((kept + "-wal").c_str());
  if (is_open) return alone;
  if (Status status = KeepAs(database, kept); !status.ok()) return status;
  return alone.ok() ? Status() : RemoveLog(database);
}

}  // namespace

bool IsServedByAWriter(const std::string& data_dir) {
  const UniqueFd fd(::open(WriterLockPath(data_dir).c_str(), O_RDONLY | O_CLOEXEC));
  return fd.valid() && ::flock(fd.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

Result<StoppedServer> StoppedServer::Take(const base::Settings& settings) {
  auto run_lock = supervisor::LockData(settings.data_dir);
  if (!run_lock.ok() && run_lock.error().code() == Code::kExists) {
    return Status(Code::kConflict, "the server runs on " + settings.data_dir +
                                       ": stop it first with `latchkey stop --data " +
                                       settings.data_dir + "`");
  }
  if (!run_lock.ok()) return run_lock.error();
  auto writer_lock = LockWriterOut(settings.data_dir);
  if (!writer_lock.ok()) return writer_lock.error();
  return StoppedServer(settings.DatabasePath(), std::move(*run_lock), std::move(*writer_lock));
}

Result<std::string> StoppedServer::PutInPlace(const std::string& path,
                                              std::string_view label) const {
  if (!IsThere(database_path_) && !IsThere(database_path_ + "-wal")) {
    Status status = base::RenameDurably(path, database_path_);
    return status.ok() ? Result<std::string>("") : status;
  }
  const std::string kept = FreeName(database_path_ + "." + std::string(label) + "-" +
                                    TimeStamp(base::SystemClock().Now()));
  if (Status status = KeepFormer(database_path_, kept); !status.ok()) return status;
  if (Status status = base::RenameDurably(path, database_path_); !status.ok()) return status;
  return kept;
}

}  // namespace ctl
