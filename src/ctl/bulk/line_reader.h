// Lines of a file or of standard input, one at a time, however long the file is. Not thread-safe.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "base/status.h"

namespace ctl {

inline constexpr std::size_t kMaxLineBytes = 8 * 1024;

struct Line {
  std::int64_t number = 0;  // from 1
  std::string text;         // without its end, \n or \r\n; cut where it is too long
  bool is_too_long = false;
};

class LineReader {
 public:
  // "-": standard input. Errors as errno says.
  static base::Result<LineReader> Open(const std::string& path);

  // What comes first, `bytes` of it at most; Next() gives it all the same. To be called before Next.
  base::Result<std::string> Peek(std::size_t bytes);
  // nullopt: the end. A line of more than kMaxLineBytes is read to its end and says so. Errors as errno
  // says.
  base::Result<std::optional<Line>> Next();

 private:
  struct Close {
    void operator()(std::FILE* file) const;
  };
  LineReader(std::FILE* file, std::string path) : file_(file), path_(std::move(path)) {}

  std::unique_ptr<std::FILE, Close> file_;
  std::string path_;
  int TakeByte();

  std::string head_;  // peeked at
  std::size_t taken_ = 0;
  std::int64_t lines_ = 0;
};

}  // namespace ctl
