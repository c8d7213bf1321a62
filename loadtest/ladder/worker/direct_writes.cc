#include "ladder/worker/direct_writes.h"

#include <variant>

namespace ladder {

namespace {

// What database drivers wait by default for a lock that another holds.
constexpr const char* kBusyTimeout = "PRAGMA busy_timeout=5000";

// No child could count what the others have.
constexpr store::RowLimits kNoLimits{
    .grants_per_user = 0, .sessions_per_user = 0, .live_codes_per_client = 0, .live_codes = 0};

}  // namespace

DirectWrites::DirectWrites(std::string database_path)
    : path_(std::move(database_path)), live_codes_(kNoLimits) {}

http::Outcome DirectWrites::Finish(http::Outcome outcome, worker::AppParts& app) {
  using Pending = domain::PendingWrite<http::Response>;
  while (auto* pending = std::get_if<Pending>(&outcome)) {
    // No reads are held while it waits for the lock: a checkpoint that has it waits for them.
    app.EndTurn();
    const records::WriteResult result = Write(pending->record);
    app.StartTurn();
    outcome = std::exchange(pending->then, nullptr)(result);
  }
  return outcome;
}

records::WriteResult DirectWrites::Write(const records::Write& record) {
  if (const base::Status opened = Open(); !opened.ok()) return {.code = opened.code()};
  const records::Write* const batch[] = {&record};
  const auto results = applier_->Apply(batch);
  return results.ok() ? results->front() : records::WriteResult{.code = results.error().code()};
}

// Late, for the writer makes the file.
base::Status DirectWrites::Open() {
  if (applier_ != nullptr) return {};
  auto database = store::Database::OpenForWriting({.path = path_});
  if (!database.ok()) return database.error();
  if (base::Status status = database->Execute(kBusyTimeout); !status.ok()) return status;
  database_ = std::make_unique<store::Database>(std::move(*database));
  applier_ =
      std::make_unique<store::SqliteBatchApplier>(*database_, live_codes_, kNoLimits, clock_);
  return {};
}

}  // namespace ladder
