#include "ctl/bulk/line_reader.h"

#include <cerrno>

namespace ctl {

void LineReader::Close::operator()(std::FILE* file) const {
  if (file != stdin) std::fclose(file);
}

base::Result<LineReader> LineReader::Open(const std::string& path) {
  std::FILE* const file = path == "-" ? stdin : std::fopen(path.c_str(), "re");
  if (file == nullptr) return base::ErrnoStatus("read " + path, errno);
  return LineReader(file, path);
}

base::Result<std::optional<Line>> LineReader::Next() {
  using Read = base::Result<std::optional<Line>>;
  Line line{.number = lines_ + 1, .text = {}, .is_too_long = false};
  int c = 0;
  while ((c = ::getc_unlocked(file_.get())) != EOF && c != '\n') {
    if (line.text.size() < kMaxLineBytes) {
      line.text.push_back(static_cast<char>(c));
    } else {
      line.is_too_long = true;
    }
  }
  if (c == EOF && std::ferror(file_.get()) != 0) return base::ErrnoStatus("read " + path_, errno);
  if (c == EOF && line.text.empty()) return Read(std::nullopt);
  if (line.text.ends_with('\r')) line.text.pop_back();
  ++lines_;
  return Read(std::move(line));
}

}  // namespace ctl
