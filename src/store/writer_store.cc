#include "store/writer_store.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/statement.h"
#include "store/transaction.h"

namespace store {

namespace {

using base::Result;
using base::Status;
using std::string_view;

constexpr string_view kFindStart = "SELECT start_count FROM writer_starts WHERE id = 1";
constexpr string_view kUpdateStart =
    "UPDATE writer_starts SET start_count = ?1, started_at = ?2 WHERE id = 1";
constexpr string_view kInsertStart =
    "INSERT INTO writer_starts (id, start_count, started_at) VALUES (1, ?1, ?2)";

// By its key, so that SQLite does not look into an index instead.
constexpr string_view kFirstRowOfEachTable =
    "SELECT 'SELECT min(' || k.name || ') IS NULL FROM ' || t.name"
    " FROM main.sqlite_master t JOIN pragma_table_info(t.name) k WHERE t.type = 'table' AND k.pk = "
    "1";

// A table whose first page is gone is damage that must not wait for the first request. The rest of
// a large file is left to integrity_check: it takes too long between two writers.
Status CheckTables(Database& database) {
  StatementCache statements(database);
  std::vector<std::string> queries;
  {
    Query query(statements, kFirstRowOfEachTable);
    for (Result<bool> row = query.Step();; row = query.Step()) {
      if (!row.ok()) return row.error();
      if (!*row) break;
      queries.push_back(query.Read<std::string>());
    }
  }
  for (const std::string& query : queries) {
    if (const auto row = database.QueryInteger(query.c_str()); !row.ok()) return row.error();
  }
  return Status();
}

// The lower half counts the changes of one start.
constexpr int kStartShift = 32;

}  // namespace

Result<std::unique_ptr<WriterStore>> WriterStore::Open(const WriterStoreOptions& options,
                                                       const base::Clock& clock) {
  Result<Database> database = Database::OpenForWriting(options.database);
  if (!database.ok()) return database.error();
  if (Status status =
          Upgrade(*database, options.database.path, options.migrations, options.mark_snapshot);
      !status.ok()) {
    return status;
  }
  if (Status status = CheckTables(*database); !status.ok()) return status;
  std::unique_ptr<WriterStore> store(new WriterStore(std::move(*database), options, clock));
  if (Status status = store->RecordStart(options.generation_floor, clock.Now()); !status.ok()) {
    return status;
  }
  if (Status status = store->live_codes_.Recount(store->database_); !status.ok()) return status;
  return store;
}

WriterStore::WriterStore(Database database, const WriterStoreOptions& options,
                         const base::Clock& clock)
    : database_(std::move(database)),
      limits_(options.limits),
      live_codes_(limits_),
      applier_(database_, live_codes_, limits_, clock),
      checkpointer_(database_, options.checkpoints),
      sweeper_(database_, live_codes_, options.sweeps) {}

WriterStore::~WriterStore() = default;

Status WriterStore::RecordStart(std::uint64_t generation_floor, base::Time now) {
  StatementCache statements(database_);
  Result<Transaction> transaction = Transaction::Begin(database_);
  if (!transaction.ok()) return transaction.error();
  std::int64_t former = 0;
  {
    Query query(statements, kFindStart);
    const Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    if (*row) former = query.Read<std::int64_t>();
  }
  const auto seen = static_cast<std::int64_t>(generation_floor >> kStartShift);
  const std::int64_t start = std::max(former, seen) + 1;
  const string_view sql = former == 0 ? kInsertStart : kUpdateStart;
  if (auto kept = Query(statements, sql, start, now).Run(); !kept.ok()) return kept.error();
  generation_ = static_cast<std::uint64_t>(start) << kStartShift;
  return transaction->Commit();
}

Status WriterStore::CloseCleanly() { return checkpointer_.Truncate(); }

}  // namespace store
