// Writes the audit row of a record, in the transaction that the record was applied in. Not
// thread-safe.
#pragma once

#include "base/status.h"
#include "records/audit/audit.h"
#include "records/writes.h"
#include "store/apply/apply.h"

namespace store {

// Nothing where the record is no event, or where it was applied before. `changed_rows`: how many rows
// applying it changed. Errors as those of an Apply function.
base::Status AppendAudit(const records::Write& write, const records::WriteResult& result,
                         std::int64_t changed_rows, const records::RecordSource& origin,
                         ApplyContext& context);
// The context's notes: what the record did beside it.
base::Status AppendNotes(const records::RecordId& record_id, const records::RecordSource& origin,
                         ApplyContext& context);

}  // namespace store
