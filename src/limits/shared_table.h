// Poll times, guess limits and counters in one file of the runtime directory, mapped read-write by all
// pools, surviving their restarts. Every slot is changed by compare-and-swap alone; no locks.
// Thread-safe and process-safe. Layout: docs/ARCHITECTURE.md "shared memory".
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/mapped_file.h"
#include "base/status.h"
#include "oauth/ports.h"

namespace limits {

class SharedTables {
 public:
  // Makes or maps the file. kCorrupt: another layout version.
  static base::Result<std::unique_ptr<SharedTables>> Open(const std::string& path);

  oauth::PollTable& polls();
  oauth::RateLimits& rates();

  ~SharedTables();

 private:
  SharedTables();
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace limits
