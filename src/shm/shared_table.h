// Poll times, limits, used jtis, the counters of all children and what poisonous requests left, in one
// file of the runtime directory, mapped read-write by all pools, surviving their restarts. Every slot is changed by
// compare-and-swap alone; no locks. Strangers choose what is counted, so its keys are hashed under a secret that the
// file keeps. Thread-safe and process-safe. Layout: shared_table.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "base/os/mapped_file.h"
#include "base/status.h"
#include "domain/ports/poll_table.h"
#include "domain/ports/random.h"
#include "domain/ports/rate_limits.h"
#include "domain/ports/used_texts.h"
#include "shm/death_notes.h"
#include "shm/poison_table.h"

namespace shm {

// A program that meets another version refuses the file. A section appended at the end leaves it as it
// is: programs that do not know it neither look at its header nor map it.
inline constexpr std::uint64_t kTableLayoutVersion = 4;

class SharedTables {
 public:
  // Makes or maps the file (17.3 MiB; a page counts as memory once it is used). `random`: for the
  // secret of a new one. kCorrupt: another layout version, or no such file at all. Else an error of the
  // file system.
  static base::Result<std::unique_ptr<SharedTables>> Open(const std::string& path,
                                                          domain::Random& random);
  // The same for a given boot: what one boot wrote is not seen in another, whose clock starts
  // again.
  static base::Result<std::unique_ptr<SharedTables>> OpenForBoot(const std::string& path,
                                                                 const std::string& boot_id,
                                                                 domain::Random& random);

  domain::PollTable& polls();
  domain::RateLimits& limits();
  domain::UsedTexts& used_jtis();

  // What children count (metrics/counters.h); words that this module gives no meaning.
  std::span<std::uint64_t> counters();

  PoisonTable& poison();
  DeathNotes& death_notes();

  ~SharedTables();

 private:
  SharedTables();
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The counters alone, for who only looks: nothing is made or changed. kNotFound: no pool has run yet.
class CounterFile {
 public:
  static base::Result<CounterFile> Open(const std::string& path);
  std::span<std::uint64_t> counters() const;  // read-only: writing is a fault

 private:
  explicit CounterFile(base::MappedFile file) : file_(std::move(file)) {}
  base::MappedFile file_;
};

}  // namespace shm
