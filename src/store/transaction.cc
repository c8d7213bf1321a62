#include "store/transaction.h"

#include <sqlite3.h>

#include <utility>

namespace store {

namespace {

constexpr const char* kBegin = "BEGIN IMMEDIATE";
constexpr const char* kCommit = "COMMIT";

}  // namespace

base::Result<Transaction> Transaction::Begin(Database& database) {
  if (base::Status status = database.Execute(kBegin); !status.ok()) return status;
  return Transaction(database, nullptr);
}

base::Result<Transaction> Transaction::Begin(StatementCache& statements) {
  if (auto begun = Query(statements, kBegin).Run(); !begun.ok()) return begun.error();
  return Transaction(statements.database(), &statements);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)), statements_(other.statements_) {}

Transaction::~Transaction() {
  // SQLite rolls back by itself after some errors (a full disk, say).
  if (database_ == nullptr || !database_->InTransaction()) return;
  sqlite3_exec(database_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

base::Status Transaction::Commit() {
  base::Status status = statements_ == nullptr ? database_->Execute(kCommit)
                                               : Query(*statements_, kCommit).Run().status();
  if (status.ok()) database_ = nullptr;
  return status;
}

}  // namespace store
