#include "ctl/bulk/line_reader.h"

#include <cerrno>

#include "base/os/owner.h"
#include "ctl/bulk/file_kind.h"

namespace ctl {

void LineReader::Close::operator()(std::FILE* file) const {
  if (file != stdin) std::fclose(file);
}

base::Result<LineReader> LineReader::Open(const std::string& path) {
  const base::AsCaller caller;
  std::FILE* const file = path == "-" ? stdin : std::fopen(path.c_str(), "re");
  if (file == nullptr) return base::ErrnoStatus("read " + path, errno);
  return LineReader(file, path);
}

base::Result<std::string> LineReader::Peek(std::size_t bytes) {
  head_.resize(bytes);
  head_.resize(std::fread(head_.data(), 1, bytes, file_.get()));
  if (std::ferror(file_.get()) == 0) return head_;
  if (errno == EISDIR) {
    return base::Status(base::Code::kInvalid, path_ + " is a folder: name a file");
  }
  return base::ErrnoStatus("read " + path_, errno);
}

int LineReader::TakeByte() {
  if (taken_ < head_.size()) return static_cast<unsigned char>(head_[taken_++]);
  return ::getc_unlocked(file_.get());
}

base::Result<std::optional<Line>> LineReader::Next() {
  using Read = base::Result<std::optional<Line>>;
  Line line{.number = lines_ + 1, .text = {}, .is_too_long = false};
  int c = 0;
  while ((c = TakeByte()) != EOF && c != '\n') {
    if (line.text.size() < kMaxLineBytes) {
      line.text.push_back(static_cast<char>(c));
    } else {
      line.is_too_long = true;
    }
  }
  if (c == EOF && std::ferror(file_.get()) != 0) return base::ErrnoStatus("read " + path_, errno);
  if (c == EOF && line.text.empty()) return Read(std::nullopt);
  if (line.text.ends_with('\r')) line.text.pop_back();
  if (lines_++ == 0) line.text = WithoutByteOrderMark(line.text);
  return Read(std::move(line));
}

}  // namespace ctl
