#include "ctl/explain/log_search.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/os/unique_fd.h"

namespace ctl {

namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 20U;

// The lines of `block` from the last one on; what stands before its first line break stays in it, for
// its beginning is in the chunk before. false: the visitor has had enough.
bool VisitBlock(std::string* block, const LineVisitor& visit) {
  std::string_view rest(*block);
  for (std::size_t at = rest.rfind('\n'); at != std::string_view::npos; at = rest.rfind('\n')) {
    const std::string_view line = rest.substr(at + 1);
    if (!line.empty() && line.size() <= kLongestLine && !visit(line)) return false;
    rest = rest.substr(0, at);
  }
  block->resize(rest.size());
  if (block->size() > kLongestLine) block->clear();
  return true;
}

bool ReadAt(int fd, std::size_t offset, std::string* chunk) {
  std::size_t done = 0;
  while (done < chunk->size()) {
    const ssize_t size =
        ::pread(fd, chunk->data() + done, chunk->size() - done, static_cast<off_t>(offset + done));
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;  // it was cut meanwhile
    done += static_cast<std::size_t>(size);
  }
  return true;
}

}  // namespace

base::Status VisitLinesFromEnd(const std::string& path, const LineVisitor& visit,
                               std::size_t most_bytes) {
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return base::ErrnoStatus("open " + path, errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return base::ErrnoStatus("stat " + path, errno);
  if (!S_ISREG(info.st_mode)) return {base::Code::kInvalid, path + " is no file: pipe it in (-)"};
  std::size_t offset = static_cast<std::size_t>(info.st_size);
  const std::size_t least = offset - std::min(offset, most_bytes);
  std::string tail;  // a line whose beginning is not read yet
  while (offset > least) {
    std::string block(std::min(kChunkBytes, offset - least), '\0');
    offset -= block.size();
    if (!ReadAt(fd.get(), offset, &block)) return {};
    block += tail;
    if (!VisitBlock(&block, visit)) return {};
    tail = std::move(block);
  }
  if (least == 0 && !tail.empty()) visit(tail);
  return {};
}

void VisitLines(std::istream& in, const LineVisitor& visit) {
  for (std::string line; std::getline(in, line);) {
    if (line.size() <= kLongestLine && !visit(line)) return;
  }
}

}  // namespace ctl
