#include "ctl/backup/last_backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <string_view>

#include "base/os/file.h"
#include "base/os/unique_fd.h"

namespace ctl {

namespace {

constexpr mode_t kMode = 0640;

}  // namespace

base::Status NoteBackup(const base::Settings& settings, const std::string& file) {
  return base::ReplaceFile(settings.LastBackupPath(), file + "\n", kMode);
}

std::optional<LastBackup> FindLastBackup(const base::Settings& settings) {
  // Root asks, too, and the folder is another user's: no link is followed, no pipe waited for.
  const std::string path = settings.LastBackupPath();
  struct stat info {};
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if ((fd.valid() ? ::fstat(fd.get(), &info) : ::lstat(path.c_str(), &info)) != 0) return {};
  if (!S_ISREG(info.st_mode)) return {};
  LastBackup last{.file = {}, .made_at = base::FromUnixMillis(1000 * info.st_mtim.tv_sec)};
  std::array<char, PATH_MAX> text{};
  const ssize_t size = fd.valid() ? ::read(fd.get(), text.data(), text.size()) : 0;
  const std::string_view line(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  last.file = line.substr(0, line.find('\n'));
  return last;
}

}  // namespace ctl
