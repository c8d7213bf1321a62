#include "store/apply/seen_records.h"

#include <string_view>

namespace store {

namespace {

using base::Code;
using base::Result;
using std::string_view;

constexpr string_view kFind =
    "SELECT 1 FROM seen_records WHERE record_id = ?1 AND organization_id = ?2";
constexpr string_view kInsert =
    "INSERT OR IGNORE INTO seen_records (record_id, organization_id, expires_at)"
    " VALUES (?1, ?2, ?3)";

}  // namespace

Result<bool> IsSeen(ApplyContext& context, const records::RecordId& record_id,
                    const records::OrganizationId& organization_id) {
  return Finds(context, kFind, record_id, organization_id);
}

Result<bool> NoteSeen(ApplyContext& context, const records::RecordId& record_id,
                      const records::OrganizationId& organization_id) {
  const Result<std::int64_t> inserted = Change(context, kInsert, record_id, organization_id,
                                               base::Time(context.now + kSeenRecordsKept));
  if (!inserted.ok()) return inserted.error();
  return *inserted == 1;
}

Outcome AnswerMissing(ApplyContext& context, const records::RecordId& record_id,
                      const records::OrganizationId& organization_id) {
  const Result<bool> is_sent_again = IsSeen(context, record_id, organization_id);
  if (!is_sent_again.ok()) return is_sent_again.error();
  return *is_sent_again ? Done() : Refused(Code::kNotFound);
}

}  // namespace store
