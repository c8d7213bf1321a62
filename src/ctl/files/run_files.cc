#include "ctl/files/run_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/os/unique_fd.h"

namespace ctl {

namespace {

bool IsLongerThan(const std::string& path, std::int64_t most_bytes) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && info.st_size > most_bytes;
}

}  // namespace

base::Status WriteRunFile(const std::string& path, std::string_view content) {
  const base::UniqueFd fd(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return base::ErrnoStatus("write " + path, errno);
  while (!content.empty()) {
    const ssize_t written = ::write(fd.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return base::ErrnoStatus("write " + path, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

bool RotateByRename(const std::string& path, std::int64_t most_bytes) {
  if (!IsLongerThan(path, most_bytes)) return false;
  return std::rename(path.c_str(), (path + ".1").c_str()) == 0;
}

bool RotateByCopy(const std::string& path, std::int64_t most_bytes) {
  if (!IsLongerThan(path, most_bytes)) return false;
  std::error_code error;
  std::filesystem::copy_file(path, path + ".1", std::filesystem::copy_options::overwrite_existing,
                             error);
  // Emptied even where the copy failed: the bound is what keeps the disk free.
  return ::truncate(path.c_str(), 0) == 0;
}

}  // namespace ctl
