#include "ctl/bulk/json_lines.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/os/owner.h"

namespace ctl {

void JsonLines::CloseFile::operator()(std::FILE* file) const {
  if (file != stdout) std::fclose(file);
}

base::Result<JsonLines> JsonLines::Open(const std::string& path) {
  if (path == "-") return JsonLines(stdout, "standard output");
  const base::AsCaller caller;
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  struct stat former {};
  if (fd < 0 || ::fstat(fd, &former) != 0) return base::ErrnoStatus("write " + path, errno);
  // A former file may be open to others, and what comes is of people.
  if (S_ISREG(former.st_mode) && ::fchmod(fd, 0600) != 0) {
    return base::ErrnoStatus("protect " + path, errno);
  }
  std::FILE* const file = ::fdopen(fd, "w");
  if (file == nullptr) return base::ErrnoStatus("write " + path, errno);
  return JsonLines(file, path);
}

void JsonLines::Write(const JsonObject& object) {
  const std::string text = ToLine(object);
  std::fwrite(text.data(), 1, text.size(), file_.get());
}

base::Status JsonLines::Close() {
  if (std::fflush(file_.get()) == 0 && std::ferror(file_.get()) == 0) return {};
  return {base::Code::kFull, path_ + " could not be written whole"};
}

}  // namespace ctl
