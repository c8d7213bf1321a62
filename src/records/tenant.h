// Whose write a record is, for the fair share of it: wire/client (what a child still takes) and
// writer/fair_turns (what the next batch holds). Pure; thread-safe.
#pragma once

#include "records/writes.h"

namespace records {

// The organization that the record names; nil: none (a probe).
OrganizationId TenantOf(const Write& write);

}  // namespace records
