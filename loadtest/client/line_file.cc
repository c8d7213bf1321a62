#include "client/line_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace load {

namespace {
constexpr std::size_t kFlushBytes = 32 * 1024;
}  // namespace

base::Result<LineFile> LineFile::Append(const std::string& path) {
  base::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!fd.valid()) return base::ErrnoStatus("open " + path, errno);
  return LineFile(std::move(fd));
}

void LineFile::Add(std::string_view line) {
  pending_.append(line).push_back('\n');
  // A short write shows again, and for good, at the last Flush.
  if (pending_.size() >= kFlushBytes) static_cast<void>(Flush());
}

base::Status LineFile::Flush() {
  while (!pending_.empty()) {
    const ssize_t written = ::write(fd_.get(), pending_.data(), pending_.size());
    if (written < 0) return base::ErrnoStatus("write", errno);
    pending_.erase(0, static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace load
