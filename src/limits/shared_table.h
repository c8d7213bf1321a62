// Poll times, guess limits, quotas and used jtis in one file of the runtime directory, mapped read-write by
// all pools, surviving their restarts. Every slot is changed by compare-and-swap alone; no locks.
// Thread-safe and process-safe. Layout: shared_table.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/mapped_file.h"
#include "base/status.h"
#include "oauth/ports.h"

namespace limits {

// Append sections and raise this; a program that meets another version refuses the file.
inline constexpr std::uint64_t kTableLayoutVersion = 2;

class SharedTables {
 public:
  // Makes or maps the file (8 MiB and a page; a page counts as memory once it is used). kCorrupt:
  // another layout version, or no such file at all. Else an error of the file system.
  static base::Result<std::unique_ptr<SharedTables>> Open(const std::string& path);
  // The same for a given boot: what one boot wrote is not seen in another, whose clock starts
  // again.
  static base::Result<std::unique_ptr<SharedTables>> OpenForBoot(const std::string& path,
                                                                 const std::string& boot_id);

  oauth::PollTable& polls();
  // Each has room of its own: a flood of one must not fill the other.
  oauth::RateLimits& guesses();
  oauth::RateLimits& quotas();
  oauth::RateLimits& used_jtis();  // of assertions and proofs (RFC 7523 §3, RFC 9449 §11.1)

  ~SharedTables();

 private:
  SharedTables();
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace limits
