#include "ctl/backup/database_copy.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>
#include <vector>

#include "base/os/unique_fd.h"
#include "ctl/admin/admin.h"
#include "ctl/backup/stopped_server.h"
#include "store/backup/online_backup.h"
#include "store/database.h"

namespace ctl {

namespace {

using base::Code;
using base::ErrnoStatus;
using base::Result;
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
Status TakeOwnership(int fd, const std::string& path) {
  struct stat file {};
  if (::fstat(fd, &file) != 0) return ErrnoStatus("stat " + path, errno);
  if (file.st_uid == ::geteuid()) return {};
  if (::fchown(fd, ::geteuid(), ::getegid()) == 0) return {};
  return ErrnoStatus("chown " + path, errno);
}

bool IsSameFile(int fd, const std::string& path) {
  struct stat opened {};
  struct stat there {};
  return ::fstat(fd, &opened) == 0 && ::lstat(path.c_str(), &there) == 0 &&
         opened.st_dev == there.st_dev && opened.st_ino == there.st_ino;
}

Result<UniqueFd> OpenStaged(const std::string& staged) {
  UniqueFd fd(::open(staged.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd.valid()) return ErrnoStatus("open " + staged, errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return ErrnoStatus("stat " + staged, errno);
  if (S_ISREG(info.st_mode)) return fd;
  return Status(Code::kInvalid, staged + " is no file");
}

// What was written so far goes to the disk from here, so that little waits for it at any time, and the
// writer never has to.
void Flush(const std::string& staged) {
  const UniqueFd fd(::open(staged.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (fd.valid()) ::fdatasync(fd.get());
}

// As long as it is held no other command copies this database by itself. On the folder: it leaves no file.
Result<UniqueFd> LockCopies(const std::string& data_dir) {
  UniqueFd fd(::open(data_dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus("open " + data_dir, errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno != EWOULDBLOCK) return ErrnoStatus("lock " + data_dir, errno);
  return Status(Code::kConflict, "another backup is being made");
}

// The snapshot lasts as long as the copy, and would keep a running writer's WAL from emptying.
Result<UniqueFd> CopyPages(const base::Settings& settings, const std::string& path,
                           const CopyProgress& progress) {
  auto source = store::Database::OpenForReading({.path = settings.DatabasePath()});
  if (!source.ok()) return source.error();
  if (Status status = source->Execute("BEGIN; SELECT count(*) FROM sqlite_schema;"); !status.ok()) {
    return status;
  }
  auto backup = store::OnlineBackup::Begin(*source, path);
  if (!backup.ok()) return backup.error();
  auto fd = OpenStaged(path);
  if (!fd.ok()) return fd;
  while (true) {
    const auto step = (*backup)->Step(kPagesAtOnce);
    if (!step.ok()) return step.error();
    progress(step->copied_pages, step->total_pages);
    if (step->is_done) return fd;
  }
}

}  // namespace

Result<StagedCopy> StagedCopy::FromWriter(const base::Settings& settings,
                                          const CopyProgress& progress) {
  std::string staged = store::StagedBackupPath(settings.DatabasePath());
  auto call = wire::BackupCall::Ask(settings.RunPath("writer.sock"),
                                    base::milliseconds(settings.record_deadline_ms));
  if (!call.ok()) return call.error();
  while (true) {
    const auto word = call->Next(kWriterSilence);
    if (!word.ok()) return word.error();
    if (word->is_over && word->code != Code::kOk) return Status(word->code, word->reason);
    progress(word->copied_pages, word->total_pages);
    if (word->is_over) break;
    Flush(staged);
  }
  auto fd = OpenStaged(staged);
  if (!fd.ok()) return fd.error();
  return StagedCopy(std::move(staged), std::move(*fd), std::move(*call), UniqueFd());
}

Result<StagedCopy> StagedCopy::FromFile(const base::Settings& settings,
                                        const CopyProgress& progress) {
  if (IsServedByAWriter(settings.data_dir)) {
    return Status(Code::kConflict, "a writer runs on " + settings.data_dir +
                                       ", and does not answer at " +
                                       settings.RunPath("writer.sock") +
                                       ": name the settings that it runs with (--config), or look "
                                       "at `latchkey status`");
  }
  auto lock = LockCopies(settings.data_dir);
  if (!lock.ok()) return lock.error();
  std::string staged = store::StagedBackupPath(settings.DatabasePath());
  auto fd = CopyPages(settings, staged, progress);
  if (!fd.ok()) return fd.error();
  if (!IsSameFile(fd->get(), staged)) {
    return Status(Code::kUnavailable,
                  "a server was started meanwhile, and removed the copy: try again");
  }
  return StagedCopy(std::move(staged), std::move(*fd), std::nullopt, std::move(*lock));
}

Result<StagedCopy> StagedCopy::Make(const base::Settings& settings, const CopyProgress& progress) {
  return WriterIsRunning(settings) ? FromWriter(settings, progress) : FromFile(settings, progress);
}

StagedCopy::~StagedCopy() {
  const UniqueFd& staged = staged_.valid() ? staged_ : fd_;
  if (staged.valid() && IsSameFile(staged.get(), path_)) ::unlink(path_.c_str());
}

Status StagedCopy::CheckIsAt(const std::string& path) const {
  if (IsSameFile(fd_.get(), path)) return {};
  return {Code::kConflict, "what lies at " + path +
                               " is not the copy that was made: who else may write there put "
                               "something else in its place. It has no MAC"};
}

Status StagedCopy::MoveTo(const std::string& path) {
  if (::rename(path_.c_str(), path.c_str()) == 0) {
    Status status = CheckIsAt(path);
    return status.ok() ? TakeOwnership(fd_.get(), path) : status;
  }
  if (errno != EXDEV) return ErrnoStatus("rename " + path_ + " to " + path, errno);
  auto made = CopyIntoNewFile(fd_.get(), path);
  if (!made.ok()) return made.error();
  staged_ = std::exchange(fd_, std::move(*made));
  return {};
}

Result<UniqueFd> CopyIntoNewFile(int from, const std::string& path) {
  ::unlink(path.c_str());
  UniqueFd to(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!to.valid()) return ErrnoStatus("make " + path, errno);
  if (Status status = CopyAll(from, to.get(), path); !status.ok()) {
    ::unlink(path.c_str());
    return status;
  }
  return to;
}

}  // namespace ctl
