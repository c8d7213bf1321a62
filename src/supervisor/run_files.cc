#include "supervisor/run_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/os/file.h"

namespace supervisor {

namespace {

bool IsLongerThan(const std::string& path, std::int64_t most_bytes) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && info.st_size > most_bytes;
}

}  // namespace

base::Status WriteRunFile(const std::string& path, std::string_view content) {
  return base::ReplaceFile(path, content, 0600, base::Durability::kLeftToTheKernel);
}

RunFile::~RunFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

base::Result<RunFile> RunFile::Write(std::string path, std::string_view content) {
  if (base::Status status = WriteRunFile(path, content); !status.ok()) return status;
  return RunFile(std::move(path));
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

}  // namespace supervisor
