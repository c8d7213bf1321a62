// Seals the audit log in the writer's idle time, and lets old rows go. An interval is sealed once its
// oldest row has waited for seal_after; it takes all rows that are there by then, kMostRowsOfInterval at
// most. Sequences are given in the order of commits, so no row can come late into a sealed interval.
// Not thread-safe; on the writer's one connection, outside a transaction. Source: docs/storage.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "domain/ports/hashes.h"
#include "records/audit/audit_seal.h"
#include "store/database.h"
#include "store/statement.h"

namespace store {

class AuditKeeper {
 public:
  struct Options {
    base::seconds seal_after{60};
    std::chrono::days keep{400};  // rows older than it go; 0: none goes
  };
  struct Kept {
    std::int64_t sealed = 0;  // rows, durable
    std::int64_t pruned = 0;
    bool has_more = false;  // another step would find work at once
  };

  // Both outlive it.
  AuditKeeper(Database& database, const domain::Digest& digest, const Options& options)
      : digest_(digest), options_(options), statements_(database) {}

  // Seals one interval, else lets one go: one transaction of kMostRowsOfInterval rows, or none where
  // nothing is due. Errors as Sweeper::Step.
  base::Result<Kept> Step(base::Time now);

 private:
  base::Result<records::AuditState> State();
  base::Result<std::vector<records::AuditRow>> RowsAfter(std::int64_t sequence, std::int64_t limit);
  base::Result<Kept> Seal(std::int64_t sealed_through, base::Time now);
  base::Result<std::vector<records::AuditSeal>> MakeSeals(
      const std::vector<records::AuditRow>& rows, base::Time now);
  base::Result<records::Sha256> FormerHash(const records::OrganizationId& organization_id);
  base::Status Insert(const std::vector<records::AuditSeal>& seals, std::int64_t sealed_through);

  base::Result<Kept> Prune(const records::AuditState& state, base::Time now);
  base::Status Delete(const std::vector<records::AuditRow>& rows);

  const domain::Digest& digest_;
  Options options_;
  StatementCache statements_;
};

}  // namespace store
