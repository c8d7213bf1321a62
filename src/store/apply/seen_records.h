// Records that may be sent again and whose rows cannot tell that they were applied: those that delete
// something, and those that the audit log notes though they change rows each time. Kept for
// kSeenRecordsKept, which is far longer than any record may be sent again. Called inside the batch's
// transaction. Not thread-safe.
#pragma once

#include <chrono>

#include "store/apply/apply.h"

namespace store {

inline constexpr std::chrono::hours kSeenRecordsKept{1};

base::Result<bool> IsSeen(ApplyContext& context, const records::RecordId& record_id,
                          const records::OrganizationId& organization_id);
// false: it was seen before.
base::Result<bool> NoteSeen(ApplyContext& context, const records::RecordId& record_id,
                            const records::OrganizationId& organization_id);

// The answer to a delete that found no row: kOk if this very record had deleted it, else kNotFound.
Outcome AnswerMissing(ApplyContext& context, const records::RecordId& record_id,
                      const records::OrganizationId& organization_id);

}  // namespace store
