#include "writer/instance_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace writer {

namespace {

std::string HolderOf(int fd) {
  std::array<char, 16> text{};
  const ssize_t size = ::pread(fd, text.data(), text.size() - 1, 0);
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : "unknown";
}

// For people alone: the lock is what counts.
base::Status WritePid(int fd) {
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(fd, 0) != 0) return base::ErrnoStatus("ftruncate", errno);
  if (::pwrite(fd, pid.data(), pid.size(), 0) < 0) return base::ErrnoStatus("write", errno);
  return {};
}

}  // namespace

base::Result<InstanceLock> InstanceLock::Take(const std::string& data_dir) {
  const std::string path = data_dir + "/writer.lock";
  base::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.valid()) return base::ErrnoStatus("open " + path, errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return base::ErrnoStatus("lock " + path, errno);
    return base::Status(base::Code::kExists, "another writer (process " + HolderOf(fd.get()) +
                                                 ") serves " + data_dir + ": stop it first");
  }
  // A full disk must not keep the writer from starting: it serves, and recovers when there is room.
  (void)WritePid(fd.get());
  return InstanceLock(std::move(fd));
}

}  // namespace writer
