// The reads of the audit log for the `latchkey` command, on a read-only connection of its own. Every
// read stands alone and looks at a bounded stretch of rows, so that no long read keeps the WAL of the
// database from being started anew. Not thread-safe. Errors of all: kUnavailable (no database, or busy
// for longer than two seconds); kCorrupt: a row that cannot be read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "records/audit/audit.h"
#include "records/audit/audit_seal.h"
#include "store/read_connection.h"

namespace store {

// Absent: no bound.
struct AuditFilter {
  std::optional<records::OrganizationId> organization_id = std::nullopt;
  std::optional<records::AuditEvent> event = std::nullopt;
  std::optional<records::UserId> user_id = std::nullopt;  // who did it, or whom it concerns
  std::optional<base::Time> since = std::nullopt;
  std::optional<base::Time> until = std::nullopt;  // not included
};

struct AuditPage {
  std::vector<records::AuditRow> rows;
  std::int64_t end = 0;  // everything on the way to this sequence was looked at
};

class AuditReader {
 public:
  static base::Result<std::unique_ptr<AuditReader>> Open(const std::string& path);

  base::Result<records::AuditState> State();
  // 0: none.
  base::Result<std::int64_t> NewestSequence();

  // Oldest first, behind `sequence`.
  base::Result<AuditPage> After(std::int64_t sequence, const AuditFilter& filter,
                                std::int64_t limit);
  // Newest first, before `sequence`.
  base::Result<AuditPage> Before(std::int64_t sequence, const AuditFilter& filter,
                                 std::int64_t limit);

  // All rows of an interval, oldest first; `limit` bounds them.
  base::Result<std::vector<records::AuditRow>> Interval(std::int64_t first, std::int64_t last,
                                                        std::int64_t limit);
  // The organization's seal of the interval that a sequence lies in or before. kNotFound.
  base::Result<records::AuditSeal> SealFrom(records::OrganizationId organization_id,
                                            std::int64_t sequence);
  // Its last seal up to a sequence. kNotFound.
  base::Result<records::AuditSeal> SealUpTo(records::OrganizationId organization_id,
                                            std::int64_t sequence);
  // Seals of all organizations whose interval ends in (after, through].
  base::Result<std::int64_t> CountSeals(std::int64_t after, std::int64_t through);

 private:
  explicit AuditReader(const std::string& path);

  ReadConnection connection_;
};

}  // namespace store
