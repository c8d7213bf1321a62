#include "metrics/disk.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace metrics {

namespace {

// stat(2), never open(2): a closed descriptor of the database would drop SQLite's locks.
void WriteFileSize(std::string_view name, std::string_view help, const std::string& path,
                   Exposition* out) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return;
  out->Family(name, "gauge", help);
  out->Sample(static_cast<std::uint64_t>(info.st_size));
}

}  // namespace

void WriteDisk(const base::Settings& settings, Exposition* out) {
  const std::string path = settings.DatabasePath();
  WriteFileSize("latchkey_database_bytes", "Size of latchkey.db.", path, out);
  WriteFileSize("latchkey_wal_bytes", "Size of latchkey.db-wal, which it keeps.", path + "-wal",
                out);
  struct statvfs info {};
  if (::statvfs(settings.data_dir.c_str(), &info) != 0) return;
  out->Family("latchkey_disk_free_bytes", "gauge", "Room left where the database is.");
  out->Sample(static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize);
}

void WriteLastBackup(const base::Settings& settings, Exposition* out) {
  struct stat info {};
  const bool is_there =
      ::lstat(settings.LastBackupPath().c_str(), &info) == 0 && S_ISREG(info.st_mode);
  out->Family("latchkey_last_backup_timestamp_seconds", "gauge",
              "Unix time of the last backup that was finished and checked; 0: none yet.");
  out->Sample(is_there ? static_cast<std::uint64_t>(info.st_mtim.tv_sec) : 0);
}

}  // namespace metrics
