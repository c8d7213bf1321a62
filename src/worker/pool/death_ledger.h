// What the parent of a pool does about a child that died of a request: the request and its network
// are kept away from all pools, it is counted, and the audit log is told. Not thread-safe. Why: docs/security.md "A
// poisonous request".
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "shm/shared_table.h"
#include "worker/pool/prefork.h"

namespace worker {

class DeathLedger {
 public:
  // `routes`: by which children count (worker::RouteNames). Both references outlive it.
  DeathLedger(std::unique_ptr<shm::SharedTables> tables, std::vector<std::string> routes,
              const base::Clock& clock, const base::Log& log)
      : tables_(std::move(tables)), routes_(std::move(routes)), clock_(clock), log_(log) {}

  void Note(const Prefork::DeathAtWork& death);

 private:
  std::unique_ptr<shm::SharedTables> tables_;
  std::vector<std::string> routes_;
  const base::Clock& clock_;
  const base::Log& log_;
};

}  // namespace worker
