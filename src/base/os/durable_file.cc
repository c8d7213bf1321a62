#include "base/os/durable_file.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/os/unique_fd.h"

namespace base {

namespace {

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status Sync(const std::string& path, int flags) {
  const UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus("open " + path, errno);
  return ::fsync(fd.get()) == 0 ? Status() : ErrnoStatus("fsync " + path, errno);
}

}  // namespace

Status SyncFile(const std::string& path) { return Sync(path, O_RDONLY); }

Status SyncFolderOf(const std::string& path) {
  return Sync(FolderOf(path), O_RDONLY | O_DIRECTORY);
}

Status RenameDurably(const std::string& from, const std::string& to) {
  if (Status status = SyncFile(from); !status.ok()) return status;
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return ErrnoStatus("rename " + from + " to " + to, errno);
  }
  return SyncFolderOf(to);
}

Result<std::int64_t> RoomBeside(const std::string& path) {
  struct statvfs info {};
  const std::string folder = FolderOf(path);
  if (::statvfs(folder.c_str(), &info) != 0) return ErrnoStatus("look at " + folder, errno);
  return static_cast<std::int64_t>(info.f_bavail) * static_cast<std::int64_t>(info.f_frsize);
}

}  // namespace base
