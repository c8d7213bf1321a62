// Applies batches of write records to SQLite, on the writer's one connection. Not thread-safe;
// driven by the writer's commit loop alone. What each record may refuse with: records/*_writes.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "domain/ports/batch_applier.h"
#include "store/apply/apply.h"
#include "store/database.h"
#include "store/statement.h"

namespace store {

class SqliteBatchApplier final : public domain::BatchApplier {
 public:
  // All outlive the applier.
  SqliteBatchApplier(Database& database, LiveCodeCounts& live_codes, const RowLimits& limits,
                     const base::Clock& clock)
      : database_(database),
        live_codes_(live_codes),
        limits_(limits),
        clock_(clock),
        statements_(database) {}

  using domain::BatchApplier::Apply;
  base::Result<std::vector<records::WriteResult>> Apply(
      std::span<const records::Write* const> records,
      std::span<const records::RecordSource* const> origins) override;

  // Batches that were rolled back and applied again without a record that failed after a change.

 private:
  // A batch on its way: results of records that are decided, whatever happens to the rest.
  struct Batch {
    std::span<const records::Write* const> records;
    std::span<const records::RecordSource* const> origins;
    std::vector<records::WriteResult> results;
    std::vector<bool> left_out;
  };

  // One try. The index of a record that must be left out at the next one, none where all is
  // committed.
  base::Result<std::optional<std::size_t>> TryOnce(Batch& batch);
  base::Status ApplyDeviceCodes(Batch& batch);
  base::Result<std::optional<std::size_t>> ApplyOthers(Batch& batch);
  ApplyContext NewContext() {
    return {.statements = statements_,
            .now = clock_.Now(),
            .live_codes = live_codes_,
            .limits = limits_};
  }
  // One record, and its rows of the audit log.
  Outcome ApplyOne(const Batch& batch, std::size_t index, ApplyContext& context);

  Database& database_;
  LiveCodeCounts& live_codes_;
  const RowLimits& limits_;
  const base::Clock& clock_;
  StatementCache statements_;
};

}  // namespace store
