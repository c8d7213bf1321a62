#include "ctl/backup/last_backup.h"

#include <sys/stat.h>

#include "ctl/files/file.h"

namespace ctl {

namespace {

constexpr mode_t kMode = 0640;

}  // namespace

base::Status NoteBackup(const base::Settings& settings, const std::string& file) {
  return ReplaceFile(settings.LastBackupPath(), file + "\n", kMode);
}

std::optional<LastBackup> FindLastBackup(const base::Settings& settings) {
  struct stat info {};
  if (::stat(settings.LastBackupPath().c_str(), &info) != 0) return std::nullopt;
  LastBackup last{.file = {}, .made_at = base::FromUnixMillis(1000 * info.st_mtim.tv_sec)};
  if (const auto text = ReadWholeFile(settings.LastBackupPath()); text.ok()) {
    last.file = text->substr(0, text->find('\n'));
  }
  return last;
}

}  // namespace ctl
