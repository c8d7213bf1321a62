#include "store/audit/audit_keeper.h"

#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "store/audit/audit_rows.h"
#include "store/row_readers.h"
#include "store/transaction.h"

namespace store {

namespace {

using base::Result;
using base::Status;
using base::Time;
using records::AuditRow;
using records::AuditSeal;
using records::kMostRowsOfInterval;
using std::string_view;

constexpr string_view kAfter = " WHERE a.sequence > ?1 ORDER BY a.sequence LIMIT ?2";
constexpr string_view kFindFormer =
    "SELECT hash FROM audit_seals WHERE organization_id = ?1 ORDER BY last_sequence DESC LIMIT 1";
constexpr string_view kIntervalOf =
    " WHERE x.organization_id = ?1 AND x.last_sequence >= ?2 ORDER BY x.last_sequence LIMIT 1";
constexpr string_view kInsertSeal =
    "INSERT INTO audit_seals (organization_id, last_sequence, first_sequence, row_count, hash,"
    " sealed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
constexpr string_view kSetSealed = "UPDATE audit_state SET sealed_through = ?1 WHERE id = 1";
constexpr string_view kSetPruned = "UPDATE audit_state SET pruned_through = ?1 WHERE id = 1";
constexpr string_view kDeleteRows = "DELETE FROM audit_events WHERE sequence <= ?1";
// The seal of the interval that goes stays as the start of what follows.
constexpr string_view kDeleteFormerSeals =
    "DELETE FROM audit_seals WHERE organization_id = ?1 AND last_sequence < ?2";

// A clock that was set back must not put sealing off for as long.
bool HasWaited(Time since, Time now, base::milliseconds wait) {
  return now >= since + wait || now < since - wait;
}

}  // namespace

Result<AuditKeeper::Kept> AuditKeeper::Step(Time now) {
  const auto state = State();
  if (!state.ok()) return state.error();
  auto kept = Seal(state->sealed_through, now);
  if (!kept.ok() || kept->sealed > 0) return kept;
  return Prune(*state, now);
}

Result<records::AuditState> AuditKeeper::State() {
  Query query(statements_, kSelectAuditState);
  const Result<bool> row = query.Step();
  if (!row.ok()) return row.error();
  if (!*row) return Status(base::Code::kCorrupt, "audit_state has no row");
  return ReadAuditState(query);
}

Result<std::vector<AuditRow>> AuditKeeper::RowsAfter(std::int64_t sequence, std::int64_t limit) {
  std::vector<AuditRow> rows;
  Query query(statements_, kJoined<kSelectAuditRow, kAfter>, sequence, limit);
  for (;;) {
    const Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    if (!*row) return rows;
    rows.push_back(ReadAuditRow(query));
    // What was edited by hand must not stop the writer: it is sealed as it reads, and any later change
    // shows.
  }
}

Result<AuditKeeper::Kept> AuditKeeper::Seal(std::int64_t sealed_through, Time now) {
  const auto oldest = RowsAfter(sealed_through, 1);
  if (!oldest.ok()) return oldest.error();
  if (oldest->empty() || !HasWaited(oldest->front().at, now, options_.seal_after)) return Kept{};
  const auto rows = RowsAfter(sealed_through, kMostRowsOfInterval);
  if (!rows.ok()) return rows.error();
  const auto seals = MakeSeals(*rows, now);
  if (!seals.ok()) return seals.error();
  if (Status status = Insert(*seals, rows->back().sequence); !status.ok()) return status;
  const auto sealed = static_cast<std::int64_t>(rows->size());
  return Kept{.sealed = sealed, .pruned = 0, .has_more = sealed == kMostRowsOfInterval};
}

Result<std::vector<AuditSeal>> AuditKeeper::MakeSeals(const std::vector<AuditRow>& rows, Time now) {
  const std::int64_t first = rows.front().sequence;
  const std::int64_t last = rows.back().sequence;
  std::map<records::OrganizationId, records::AuditSealInput> inputs;
  for (const AuditRow& row : rows) {
    auto input = inputs.find(row.organization_id);
    if (input == inputs.end()) {
      const auto former = FormerHash(row.organization_id);
      if (!former.ok()) return former.error();
      input = inputs
                  .emplace(row.organization_id,
                           records::AuditSealInput(row.organization_id, first, last, *former))
                  .first;
    }
    input->second.Add(row);
  }
  std::vector<AuditSeal> seals;
  for (const auto& [organization_id, input] : inputs) {
    seals.push_back({.organization_id = organization_id,
                     .first_sequence = first,
                     .last_sequence = last,
                     .row_count = input.row_count(),
                     .hash = digest_.Sha256(base::AsBytes(input.bytes())),
                     .sealed_at = now});
  }
  return seals;
}

Result<records::Sha256> AuditKeeper::FormerHash(const records::OrganizationId& organization_id) {
  Query query(statements_, kFindFormer, organization_id);
  const Result<bool> row = query.Step();
  if (!row.ok()) return row.error();
  return *row ? query.Read<records::Sha256>() : records::Sha256{};
}

Status AuditKeeper::Insert(const std::vector<AuditSeal>& seals, std::int64_t sealed_through) {
  Result<Transaction> transaction = Transaction::Begin(statements_);
  if (!transaction.ok()) return transaction.error();
  for (const AuditSeal& seal : seals) {
    const auto inserted = Query(statements_, kInsertSeal, seal.organization_id, seal.last_sequence,
                                seal.first_sequence, seal.row_count, seal.hash, seal.sealed_at)
                              .Run();
    if (!inserted.ok()) return inserted.error();
  }
  if (auto set = Query(statements_, kSetSealed, sealed_through).Run(); !set.ok()) {
    return set.error();
  }
  return transaction->Commit();
}

Result<AuditKeeper::Kept> AuditKeeper::Prune(const records::AuditState& state, Time now) {
  if (options_.keep == std::chrono::days(0)) return Kept{};
  const auto oldest = RowsAfter(state.pruned_through, 1);
  if (!oldest.ok()) return oldest.error();
  if (oldest->empty() || oldest->front().sequence > state.sealed_through) return Kept{};
  if (oldest->front().at > now - options_.keep) return Kept{};
  // The interval of the oldest row, and the one row behind it: the newest of all must stay, or its
  // sequence would be given twice.
  const auto rows = RowsAfter(state.pruned_through, kMostRowsOfInterval + 1);
  if (!rows.ok()) return rows.error();
  std::int64_t last = 0;
  {
    Query query(statements_, kJoined<kSelectAuditSeal, kIntervalOf>,
                oldest->front().organization_id, oldest->front().sequence);
    const Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    if (!*row) return Kept{};  // tampered with: it stays, and `latchkey audit verify` tells
    last = ReadAuditSeal(query).last_sequence;
  }
  std::vector<AuditRow> due;
  for (const AuditRow& row : *rows) {
    if (row.sequence <= last) due.push_back(row);
  }
  if (due.size() == rows->size() || due.back().at > now - options_.keep) return Kept{};
  if (Status status = Delete(due); !status.ok()) return status;
  return Kept{.sealed = 0, .pruned = static_cast<std::int64_t>(due.size()), .has_more = true};
}

Status AuditKeeper::Delete(const std::vector<AuditRow>& rows) {
  const std::int64_t last = rows.back().sequence;
  std::set<records::OrganizationId> organizations;
  for (const AuditRow& row : rows) organizations.insert(row.organization_id);
  Result<Transaction> transaction = Transaction::Begin(statements_);
  if (!transaction.ok()) return transaction.error();
  for (const records::OrganizationId& organization_id : organizations) {
    const auto gone = Query(statements_, kDeleteFormerSeals, organization_id, last).Run();
    if (!gone.ok()) return gone.error();
  }
  for (const string_view sql : {kDeleteRows, kSetPruned}) {
    if (auto done = Query(statements_, sql, last).Run(); !done.ok()) return done.error();
  }
  return transaction->Commit();
}

}  // namespace store
