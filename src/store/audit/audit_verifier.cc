#include "store/audit/audit_verifier.h"

#include <limits>
#include <utility>

#include "base/bytes.h"

namespace store {

namespace {

using base::Code;
using base::Result;
using base::Status;
using records::AuditRow;
using records::AuditSeal;
using records::kMostRowsOfInterval;

constexpr std::size_t kMostBreaks = 20;  // who needs more restores a backup
constexpr int kMostRuns = 3;             // while rows go at the other end
constexpr std::int64_t kStart = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();

}  // namespace

Result<AuditReport> AuditVerifier::Run() {
  for (int run = 0; run < kMostRuns; ++run) {
    report_ = {};
    if (Status status = VerifyOnce(); !status.ok()) return status;
    const auto state = reader_.State();
    if (!state.ok()) return state.error();
    if (state->pruned_through == report_.state.pruned_through) break;
  }
  return report_;
}

Status AuditVerifier::VerifyOnce() {
  const auto state = reader_.State();
  if (!state.ok()) return state.error();
  report_.state = *state;
  const auto before = reader_.Interval(kStart, state->pruned_through, 1);
  if (!before.ok()) return before.error();
  if (!before->empty()) {
    Break(before->front().organization_id, before->front().sequence, before->front().sequence,
          "a row stands where all were deleted for their age");
  }
  Status status = VerifySealed();
  if (status.ok()) status = VerifyTail();
  if (status.code() != Code::kCorrupt) return status;
  Break(std::nullopt, 0, 0, "a row or a seal cannot be read: " + status.message());
  return Status();
}

Status AuditVerifier::VerifySealed() {
  std::int64_t cursor = report_.state.pruned_through;
  while (cursor < report_.state.sealed_through && report_.breaks.size() < kMostBreaks) {
    const auto end = VerifyInterval(cursor);
    if (!end.ok()) return end.error();
    cursor = *end;
  }
  return CountSeals();
}

Result<std::int64_t> AuditVerifier::VerifyInterval(std::int64_t cursor) {
  const auto next = reader_.Interval(cursor + 1, report_.state.sealed_through, 1);
  if (!next.ok()) return next.error();
  if (next->empty()) {
    CheckGap(cursor, report_.state.sealed_through + 1);
    return report_.state.sealed_through;
  }
  const AuditRow& first = next->front();
  const auto interval = reader_.SealFrom(first.organization_id, first.sequence);
  if (!interval.ok() && interval.error().code() != Code::kNotFound) return interval.error();
  const bool is_covered = interval.ok() && interval->first_sequence <= first.sequence &&
                          interval->last_sequence - interval->first_sequence < kMostRowsOfInterval;
  CheckGap(cursor, first.sequence);
  if (!is_covered) {
    Break(first.organization_id, first.sequence, first.sequence,
          "a row was put in or given to another organization, or its seal is gone");
    return first.sequence;
  }
  const auto rows =
      reader_.Interval(first.sequence, interval->last_sequence, kMostRowsOfInterval + 1);
  if (!rows.ok()) return rows.error();
  return VerifyRows(*interval, *rows);
}

Result<std::int64_t> AuditVerifier::VerifyRows(const AuditSeal& interval, const Rows& rows) {
  std::map<records::OrganizationId, Rows> by_organization;
  std::int64_t former = rows.front().sequence - 1;
  for (const AuditRow& row : rows) {
    CheckGap(former, row.sequence);
    former = row.sequence;
    by_organization[row.organization_id].push_back(row);
  }
  CheckGap(former, interval.last_sequence + 1);
  for (const auto& [organization_id, its_rows] : by_organization) {
    if (Status status = VerifySeal(interval, organization_id, its_rows); !status.ok()) {
      return status;
    }
  }
  return interval.last_sequence;
}

Status AuditVerifier::VerifySeal(const AuditSeal& interval,
                                 const records::OrganizationId& organization_id, const Rows& rows) {
  const auto seal = reader_.SealFrom(organization_id, interval.last_sequence);
  if (!seal.ok() && seal.error().code() != Code::kNotFound) return seal.error();
  const bool is_of_interval = seal.ok() && seal->first_sequence == interval.first_sequence &&
                              seal->last_sequence == interval.last_sequence;
  if (!is_of_interval) {
    Break(organization_id, rows.front().sequence, rows.back().sequence,
          "the seal of rows is gone, or is of another interval");
    return Status();
  }
  const auto former = FormerHash(organization_id);
  if (!former.ok()) return former.error();
  records::AuditSealInput input(organization_id, seal->first_sequence, seal->last_sequence,
                                *former);
  for (const AuditRow& row : rows) input.Add(row);
  const bool holds = seal->row_count == input.row_count() &&
                     seal->hash == digest_.Sha256(base::AsBytes(input.bytes()));
  if (!holds) {
    Break(organization_id, rows.front().sequence, rows.back().sequence,
          "rows are not what was sealed, or the seal or the one before was changed");
  }
  AuditHead& head = report_.heads[organization_id];
  head.last_sequence = seal->last_sequence;
  head.hash = seal->hash;
  head.sealed_at = seal->sealed_at;
  head.rows += input.row_count();
  ++head.seals;
  return Status();
}

Result<records::Sha256> AuditVerifier::FormerHash(const records::OrganizationId& organization_id) {
  if (const auto head = report_.heads.find(organization_id); head != report_.heads.end()) {
    return head->second.hash;
  }
  const auto kept = reader_.SealUpTo(organization_id, report_.state.pruned_through);
  if (kept.ok()) return kept->hash;
  if (kept.error().code() != Code::kNotFound) return kept.error();
  return records::Sha256{};
}

// Seals that no row led to, and seals beyond what the state says.
Status AuditVerifier::CountSeals() {
  const records::AuditState& state = report_.state;
  const auto there = reader_.CountSeals(state.pruned_through, state.sealed_through);
  if (!there.ok()) return there.error();
  std::int64_t seen = 0;
  for (const auto& [organization_id, head] : report_.heads) seen += head.seals;
  if (report_.breaks.empty() && seen != *there) {
    Break(std::nullopt, state.pruned_through + 1, state.sealed_through, "seals cover no row");
  }
  const auto beyond = reader_.CountSeals(state.sealed_through, kEnd);
  if (!beyond.ok() || *beyond == 0) return beyond.status();
  const auto now = reader_.State();
  if (!now.ok()) return now.error();
  if (now->sealed_through == state.sealed_through) {
    Break(std::nullopt, state.sealed_through + 1, kEnd, "seals stand behind the end of the log");
  }
  return Status();
}

Status AuditVerifier::VerifyTail() {
  std::int64_t looked_at = report_.state.sealed_through;
  std::int64_t former = looked_at;
  for (;;) {
    const auto page = reader_.After(looked_at, {}, kMostRowsOfInterval);
    if (!page.ok()) return page.error();
    if (page->end == looked_at) return Status();
    looked_at = page->end;
    if (!report_.unsealed_since && !page->rows.empty()) {
      report_.unsealed_since = page->rows.front().at;
    }
    for (const AuditRow& row : page->rows) {
      CheckGap(former, row.sequence);
      former = row.sequence;
    }
    report_.unsealed_rows += static_cast<std::int64_t>(page->rows.size());
  }
}

void AuditVerifier::CheckGap(std::int64_t before, std::int64_t after) {
  if (after > before + 1) Break(std::nullopt, before + 1, after - 1, "rows are gone");
}

void AuditVerifier::Break(std::optional<records::OrganizationId> organization_id,
                          std::int64_t first, std::int64_t last, std::string what) {
  if (report_.breaks.size() == kMostBreaks) return;
  report_.breaks.push_back({.organization_id = organization_id,
                            .first_sequence = first,
                            .last_sequence = last,
                            .what = std::move(what)});
}

}  // namespace store
