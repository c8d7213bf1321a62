#include "store/apply/batch_applier.h"

#include <utility>
#include <variant>

#include "store/apply/apply.h"
#include "store/audit/append_audit.h"
#include "store/transaction.h"

namespace store {

namespace {

using base::Code;
using base::Result;
using base::Status;
using records::CreateDeviceCode;
using records::WriteResult;

// Codes that say something of one record; all others are the whole batch's.
bool ConcernsOneRecord(Code code) {
  switch (code) {
    case Code::kInvalid:
    case Code::kNotFound:
    case Code::kExists:
    case Code::kConflict:
    case Code::kDenied:
    case Code::kExpired:
      return true;
    case Code::kOk:
    case Code::kUnavailable:
    case Code::kFull:
    case Code::kCorrupt:
    case Code::kInternal:
      return false;
  }
  return false;
}

}  // namespace

Result<std::vector<WriteResult>> SqliteBatchApplier::Apply(
    std::span<const records::Write* const> records,
    std::span<const records::RecordSource* const> origins) {
  Batch batch{.records = records,
              .origins = origins,
              .results = std::vector<WriteResult>(records.size()),
              .left_out = std::vector<bool>(records.size(), false)};
  for (;;) {
    const Result<std::optional<std::size_t>> failed = TryOnce(batch);
    if (!failed.ok()) return failed.error();
    if (!failed->has_value()) return std::move(batch.results);
    batch.left_out[**failed] = true;
  }
}

Result<std::optional<std::size_t>> SqliteBatchApplier::TryOnce(Batch& batch) {
  Result<Transaction> transaction = Transaction::Begin(statements_);
  if (!transaction.ok()) return transaction.error();
  live_codes_.Begin();
  if (Status status = ApplyDeviceCodes(batch); !status.ok()) return status;
  Result<std::optional<std::size_t>> failed = ApplyOthers(batch);
  if (!failed.ok() || failed->has_value()) return failed;
  if (Status status = transaction->Commit(); !status.ok()) return status;
  live_codes_.Keep();
  return failed;
}

// Device codes first, all together: nothing in a batch can depend on their absence, and sorted they
// cost less.
Status SqliteBatchApplier::ApplyDeviceCodes(Batch& batch) {
  std::vector<const CreateDeviceCode*> codes;
  std::vector<WriteResult*> results;
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    const auto* code = std::get_if<CreateDeviceCode>(batch.records[i]);
    if (code == nullptr) continue;
    codes.push_back(code);
    results.push_back(&batch.results[i]);
  }
  if (codes.empty()) return Status();
  ApplyContext context = NewContext();
  return store::ApplyDeviceCodes(codes, results, context);
}

Result<std::optional<std::size_t>> SqliteBatchApplier::ApplyOthers(Batch& batch) {
  using Failed = std::optional<std::size_t>;
  ApplyContext context = NewContext();
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    const records::Write& write = *batch.records[i];
    if (batch.left_out[i] || std::holds_alternative<CreateDeviceCode>(write)) continue;
    const std::int64_t changes_before = database_.TotalChanges();
    const Outcome outcome = ApplyOne(batch, i, context);
    if (outcome.ok()) {
      batch.results[i] = *outcome;
      continue;
    }
    if (!ConcernsOneRecord(outcome.error().code()) || !database_.InTransaction()) {
      return outcome.error();
    }
    batch.results[i] = Refused(outcome.error().code());
    if (database_.TotalChanges() != changes_before) return Failed(i);
  }
  return Failed(std::nullopt);
}

Outcome SqliteBatchApplier::ApplyOne(const Batch& batch, std::size_t index, ApplyContext& context) {
  static const records::RecordSource kUnknown{};
  const records::Write& write = *batch.records[index];
  const std::int64_t changes_before = database_.TotalChanges();
  context.notes.clear();
  Outcome outcome =
      std::visit([&context](const auto& record) { return store::Apply(record, context); }, write);
  if (!outcome.ok()) return outcome;
  const records::RecordSource& origin = batch.origins.empty() ? kUnknown : *batch.origins[index];
  Status noted =
      AppendAudit(write, *outcome, database_.TotalChanges() - changes_before, origin, context);
  if (noted.ok()) noted = AppendNotes(records::RecordIdOf(write), origin, context);
  return noted.ok() ? outcome : Outcome(noted);
}

}  // namespace store
