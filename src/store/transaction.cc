#include "store/transaction.h"

#include <sqlite3.h>

#include <utility>

namespace store {

base::Result<Transaction> Transaction::Begin(Database& database) {
  if (base::Status status = database.Execute("BEGIN IMMEDIATE"); !status.ok()) return status;
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  // SQLite rolls back by itself after some errors (a full disk, say).
  if (database_ == nullptr || !database_->InTransaction()) return;
  sqlite3_exec(database_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

base::Status Transaction::Commit() {
  base::Status status = database_->Execute("COMMIT");
  if (status.ok()) database_ = nullptr;
  return status;
}

}  // namespace store
