#include "ctl/backup/database_copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <vector>

#include "base/os/unique_fd.h"
#include "ctl/admin/admin.h"
#include "ctl/backup/stopped_server.h"
#include "ctl/files/owner.h"
#include "store/backup/online_backup.h"
#include "store/database.h"
#include "wire/backup_call.h"

namespace ctl {

namespace {

using base::Code;
using base::ErrnoStatus;
using base::Status;
using base::UniqueFd;

constexpr base::milliseconds kWriterSilence{30'000};
constexpr int kPagesAtOnce = 1024;
constexpr std::size_t kBufferBytes = 1 << 20;

Status CopyAll(int from, int to, const std::string& path) {
  std::vector<char> buffer(kBufferBytes);
  for (off_t offset = 0;;) {
    const ssize_t got = ::pread(from, buffer.data(), buffer.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus("read what becomes " + path, errno);
    if (got == 0) return {};
    for (ssize_t done = 0; done < got;) {
      const ssize_t written =
          ::write(to, buffer.data() + done, static_cast<std::size_t>(got - done));
      if (written < 0 && errno != EINTR) return ErrnoStatus("write " + path, errno);
      if (written > 0) done += written;
    }
    offset += got;
  }
}

// The copy is the writer's user's; root makes it its own. Not asked for where it is: the sandbox of
// latchkey-backup.service allows no chown.
Status TakeOwnership(const std::string& path) {
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0) return ErrnoStatus("stat " + path, errno);
  if (file.st_uid == ::geteuid()) return {};
  if (::lchown(path.c_str(), ::geteuid(), ::getegid()) == 0) return {};
  return ErrnoStatus("chown " + path, errno);
}

// What was opened is what was moved: the staged copy lies in a folder of another user than root.
Status CheckMoved(int fd, const std::string& path) {
  struct stat opened {};
  struct stat moved {};
  const bool is_same = ::fstat(fd, &opened) == 0 && ::lstat(path.c_str(), &moved) == 0 &&
                       opened.st_dev == moved.st_dev && opened.st_ino == moved.st_ino;
  if (is_same) return {};
  return {Code::kConflict, "the copy was replaced while it was moved to " + path};
}

// By its name within one file system, by its bytes into another. The copy is the owner's, `path` the caller's.
Status TakeStaged(const std::string& staged, const std::string& path) {
  const UniqueFd fd(::open(staged.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid()) return ErrnoStatus("open " + staged, errno);
  const AsCaller caller;
  if (::rename(staged.c_str(), path.c_str()) == 0) {
    Status status = CheckMoved(fd.get(), path);
    return status.ok() ? TakeOwnership(path) : status;
  }
  if (errno != EXDEV) return ErrnoStatus("rename " + staged + " to " + path, errno);
  return CopyIntoNewFile(fd.get(), path);
}

// What was written so far goes to the disk from here, so that little waits for it at any time, and the
// writer never has to.
void Flush(const std::string& staged) {
  const UniqueFd fd(::open(staged.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (fd.valid()) ::fdatasync(fd.get());
}

Status CopyThroughWriter(const base::Settings& settings, const std::string& path,
                         const CopyProgress& progress) {
  const std::string staged = store::StagedBackupPath(settings.DatabasePath());
  auto call = wire::BackupCall::Ask(settings.RunPath("writer.sock"),
                                    base::milliseconds(settings.record_deadline_ms));
  if (!call.ok()) return call.error();
  while (true) {
    const auto word = call->Next(kWriterSilence);
    if (!word.ok()) return word.error();
    if (word->is_over && word->code != Code::kOk) return {word->code, word->reason};
    progress(word->copied_pages, word->total_pages);
    if (word->is_over) return TakeStaged(staged, path);
    Flush(staged);
  }
}

// The snapshot lasts as long as the copy, and would keep a running writer's log from emptying.
Status CopyPages(const base::Settings& settings, const std::string& path,
                 const CopyProgress& progress) {
  auto source = store::Database::OpenForReading({.path = settings.DatabasePath()});
  if (!source.ok()) return source.error();
  if (Status status = source->Execute("BEGIN; SELECT count(*) FROM sqlite_schema;"); !status.ok()) {
    return status;
  }
  auto backup = store::OnlineBackup::Begin(*source, path);
  if (!backup.ok()) return backup.error();
  while (true) {
    const auto step = (*backup)->Step(kPagesAtOnce);
    if (!step.ok()) return step.error();
    progress(step->copied_pages, step->total_pages);
    if (step->is_done) return {};
  }
}

Status CopyStopped(const base::Settings& settings, const std::string& path,
                   const CopyProgress& progress) {
  if (IsServedByAWriter(settings.data_dir)) {
    return {Code::kConflict, "a writer runs on " + settings.data_dir + ", and does not answer at " +
                                 settings.RunPath("writer.sock") +
                                 ": name the settings that it runs with (--config), or look at "
                                 "`latchkey status`"};
  }
  if (::getuid() == ::geteuid()) return CopyPages(settings, path, progress);
  // As the owner, who may not write where root wants the copy.
  const std::string staged = store::StagedBackupPath(settings.DatabasePath());
  Status status = CopyPages(settings, staged, progress);
  if (status.ok()) status = TakeStaged(staged, path);
  if (!status.ok()) ::unlink(staged.c_str());
  return status;
}

}  // namespace

Status CopyIntoNewFile(int from, const std::string& path) {
  ::unlink(path.c_str());
  const UniqueFd to(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!to.valid()) return ErrnoStatus("make " + path, errno);
  Status status = CopyAll(from, to.get(), path);
  if (!status.ok()) ::unlink(path.c_str());
  return status;
}

Status CopyDatabase(const base::Settings& settings, const std::string& path,
                    const CopyProgress& progress) {
  Status status = WriterIsRunning(settings) ? CopyThroughWriter(settings, path, progress)
                                            : CopyStopped(settings, path, progress);
  if (status.ok()) return status;
  const AsCaller caller;
  ::unlink(path.c_str());
  return status;
}

}  // namespace ctl
