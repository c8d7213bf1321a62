// Lines appended to a file by several threads: whole lines at a time. Each thread has its own
// object.
#pragma once

#include <string>
#include <string_view>

#include "base/os/unique_fd.h"
#include "base/status.h"

namespace load {

class LineFile {
 public:
  static base::Result<LineFile> Append(const std::string& path);

  void Add(std::string_view line);
  // What is not written yet; call at the end.
  base::Status Flush();

 private:
  explicit LineFile(base::UniqueFd fd) : fd_(std::move(fd)) {}
  base::UniqueFd fd_;
  std::string pending_;
};

}  // namespace load
