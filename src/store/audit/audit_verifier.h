// Recomputes all seals of the audit log. Finds every row and seal that was edited, deleted or put
// between others since it was sealed; of the unsealed tail it finds deleted rows that are not the
// last. Who can write the file can also seal it anew: only heads kept elsewhere show that
// (docs/security.md "Audit"). Memory: an interval, and a head for each organization. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "domain/ports/hashes.h"
#include "records/audit/audit_seal.h"
#include "store/audit/audit_reader.h"

namespace store {

struct AuditBreak {
  std::optional<records::OrganizationId> organization_id;  // absent: it concerns all
  std::int64_t first_sequence = 0;
  std::int64_t last_sequence = 0;
  std::string what;  // "rows are gone"
};

// Of one organization: its newest seal, which covers all before it.
struct AuditHead {
  std::int64_t last_sequence = 0;
  records::Sha256 hash{};
  base::Time sealed_at;
  std::int64_t rows = 0;   // sealed ones that are still there
  std::int64_t seals = 0;  // the same
};

struct AuditReport {
  records::AuditState state;
  std::vector<AuditBreak> breaks;  // in the order of the log, the first ones; empty: it holds
  std::map<records::OrganizationId, AuditHead> heads;
  std::int64_t unsealed_rows = 0;
  std::optional<base::Time> unsealed_since;  // the oldest of them
};

class AuditVerifier {
 public:
  // Both outlive it.
  AuditVerifier(AuditReader& reader, const domain::Digest& digest)
      : reader_(reader), digest_(digest) {}

  // Up to what is sealed when it begins; the writer may go on meanwhile. kUnavailable: the database
  // cannot be read now. A row that cannot be read at all is a break, and what is behind it is not
  // looked at.
  base::Result<AuditReport> Run();

 private:
  using Rows = std::vector<records::AuditRow>;

  base::Status VerifyOnce();
  base::Status VerifySealed();
  // One interval, from the row behind `cursor`; where it ends.
  base::Result<std::int64_t> VerifyInterval(std::int64_t cursor);
  base::Result<std::int64_t> VerifyRows(const records::AuditSeal& interval, const Rows& rows);
  base::Status VerifySeal(const records::AuditSeal& interval,
                          const records::OrganizationId& organization_id, const Rows& rows);
  base::Status CountSeals();
  base::Status VerifyTail();
  base::Result<records::Sha256> FormerHash(const records::OrganizationId& organization_id);
  void CheckGap(std::int64_t before, std::int64_t after);
  void Break(std::optional<records::OrganizationId> organization_id, std::int64_t first,
             std::int64_t last, std::string what);

  AuditReader& reader_;
  const domain::Digest& digest_;
  AuditReport report_;
};

}  // namespace store
