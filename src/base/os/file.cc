#include "base/os/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/os/unique_fd.h"

namespace base {

namespace {

Status WriteAll(int fd, std::string_view content, const std::string& path, Durability durability) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return ErrnoStatus("write " + path, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (durability == Durability::kSynced && ::fsync(fd) != 0)
    return ErrnoStatus("write " + path, errno);
  return {};
}

// The mode holds whatever the umask says.
Status WriteNew(const std::string& path, std::string_view content, mode_t mode,
                Durability durability) {
  ::unlink(path.c_str());
  const UniqueFd fd(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd.valid()) return ErrnoStatus("write " + path, errno);
  if (::fchmod(fd.get(), mode) != 0) return ErrnoStatus("chmod " + path, errno);
  return WriteAll(fd.get(), content, path, durability);
}

}  // namespace

Result<std::string> ReadWholeFile(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return ErrnoStatus("read " + path, errno);
  std::string content;
  std::array<char, 4096> buffer;
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus("read " + path, errno);
    if (got == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(got));
    if (content.size() > kMaxFileBytes) {
      return Status(Code::kInvalid, path + " is longer than 1 MB");
    }
  }
}

Status ReplaceFile(const std::string& path, std::string_view content, mode_t mode,
                   Durability durability) {
  const std::string temporary = path + ".new";
  if (Status status = WriteNew(temporary, content, mode, durability); !status.ok()) {
    ::unlink(temporary.c_str());
    return status;
  }
  if (::rename(temporary.c_str(), path.c_str()) == 0) return {};
  const int error = errno;
  ::unlink(temporary.c_str());
  return ErrnoStatus("rename " + temporary, error);
}

Status MakeFolder(const std::string& path) {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (error) return ErrnoStatus("make folder " + parent.string(), error.value());
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  if (errno == EEXIST && std::filesystem::is_directory(path, error)) return {};
  return ErrnoStatus("make folder " + path, errno);
}

}  // namespace base
