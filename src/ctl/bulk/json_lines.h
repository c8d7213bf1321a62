// A file of JSON objects, one a line, written as they come. Not thread-safe.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "base/status.h"
#include "ctl/print/json.h"

namespace ctl {

class JsonLines {
 public:
  // A file of mode 0600 in place of a former one; "-": standard output. Errors as errno says.
  static base::Result<JsonLines> Open(const std::string& path);

  void Write(const JsonObject& object);
  // Whether all of it could be written; kFull, or as errno says.
  base::Status Close();

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const;
  };
  JsonLines(std::FILE* file, std::string path) : file_(file), path_(std::move(path)) {}

  std::unique_ptr<std::FILE, CloseFile> file_;
  std::string path_;
};

}  // namespace ctl
