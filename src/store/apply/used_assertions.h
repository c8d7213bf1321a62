// Client assertions that something was issued for (table used_assertions): each is used by one record.
// In a batch's transaction, as the Apply functions.
#pragma once

#include <optional>

#include "records/grant_writes.h"
#include "store/apply/apply.h"

namespace store {

// Whether another record than `record_id` has used it. nullopt: there is none, false.
base::Result<bool> IsUsedByAnother(ApplyContext& context,
                                   const std::optional<records::UsedAssertion>& assertion,
                                   const records::OrganizationId& organization_id,
                                   const records::RecordId& record_id);
// Keeps that `record_id` used it, once.
base::Status KeepUsed(ApplyContext& context, const std::optional<records::UsedAssertion>& assertion,
                      const records::OrganizationId& organization_id,
                      const records::RecordId& record_id);

// What `apply` decides of the record, unless another one used the record's assertion: kInvalid. The
// assertion is used by a record that issues something, and by no refused one.
template <class Record, class Apply>
Outcome ApplyUsingAssertion(const Record& record, ApplyContext& context, Apply apply) {
  const base::Result<bool> is_replay =
      IsUsedByAnother(context, record.assertion, record.organization_id, record.record_id);
  if (!is_replay.ok()) return is_replay.error();
  if (*is_replay) return Refused(base::Code::kInvalid);
  Outcome outcome = apply(record, context);
  if (!outcome.ok() || outcome->code != base::Code::kOk) return outcome;
  base::Status kept = KeepUsed(context, record.assertion, record.organization_id, record.record_id);
  return kept.ok() ? outcome : Outcome(std::move(kept));
}

}  // namespace store
