// The seals of the audit log: what bytes a seal is the SHA-256 of. An interval is a stretch of
// sequences; each organization with rows in it gets one seal, which covers them and its seal before.
// Pure, thread-compatible. Byte layout: audit_seal.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "records/audit/audit.h"
#include "records/ids.h"

namespace records {

// Rows of one interval, of all organizations. Bounds what sealing and verifying hold in memory.
inline constexpr std::int64_t kMostRowsOfInterval = 1000;

struct AuditSeal {
  OrganizationId organization_id;
  std::int64_t first_sequence = 0;  // of the interval; its other rows are other organizations'
  std::int64_t last_sequence = 0;
  std::int64_t row_count = 0;  // of this organization
  Sha256 hash{};
  base::Time sealed_at;
};

// Where the log as a whole stands. All rows up to `sealed_through` are sealed, those up to
// `pruned_through` are gone: of their seals the last one of each organization is kept, for the next
// one begins with it.
struct AuditState {
  std::int64_t sealed_through = 0;
  std::int64_t pruned_through = 0;
};

class AuditSealInput {
 public:
  // `former`: the hash of the organization's seal before; zeros: this is its first one.
  AuditSealInput(const OrganizationId& organization_id, std::int64_t first_sequence,
                 std::int64_t last_sequence, const Sha256& former);
  // In the order of sequences.
  void Add(const AuditRow& row);

  std::int64_t row_count() const { return row_count_; }
  // What is hashed.
  std::string_view bytes() const { return bytes_; }

 private:
  std::string bytes_;
  std::int64_t row_count_ = 0;
};

}  // namespace records
