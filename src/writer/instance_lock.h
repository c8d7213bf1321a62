// The lock that makes the writer the only one on its data folder. Held while the object lives,
// released by the kernel however the process ends. Move-only; not thread-safe.
#pragma once

#include <string>

#include "base/os/unique_fd.h"
#include "base/status.h"

namespace writer {

class InstanceLock {
 public:
  // kExists: another writer holds it, its process id is in the message; kNotFound: no such folder.
  static base::Result<InstanceLock> Take(const std::string& data_dir);

 private:
  explicit InstanceLock(base::UniqueFd fd) : fd_(std::move(fd)) {}
  base::UniqueFd fd_;
};

}  // namespace writer
