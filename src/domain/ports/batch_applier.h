// How the writer changes a store.
#pragma once

#include <span>
#include <vector>

#include "base/status.h"
#include "records/audit/audit.h"
#include "records/writes.h"

namespace domain {

// One batch of writes, all durable when Commit returned kOk. Implemented by each store (and by the
// fake of the conformance suite); driven by the writer's commit loop alone.
class BatchApplier {
 public:
  virtual ~BatchApplier() = default;
  // Applies the records in order in one transaction and commits it. On kOk: one result a record,
  // each decided and durable; a record that was refused changed nothing. On any other Status
  // nothing of the batch was written and every record failed with it: kFull (disk full: keep
  // serving), kUnavailable (busy past the deadline), kCorrupt and kInternal (stop: a failed fsync
  // is never retried). An event of the audit log is written with its record. `origins`: one a record,
  // or none at all.
  virtual base::Result<std::vector<records::WriteResult>> Apply(
      std::span<const records::Write* const> records,
      std::span<const records::RecordSource* const> origins) = 0;
  base::Result<std::vector<records::WriteResult>> Apply(
      std::span<const records::Write* const> records) {
    return Apply(records, {});
  }
};

}  // namespace domain
