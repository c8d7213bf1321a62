// A write transaction that rolls back unless committed. Not thread-safe.
#pragma once

#include "base/status.h"
#include "store/database.h"
#include "store/statement.h"

namespace store {

class Transaction {
 public:
  // Takes the write lock immediately, so that no later statement finds it taken.
  static base::Result<Transaction> Begin(Database& database);
  // The same with statements that stay prepared, for those who begin many. The cache outlives the
  // transaction.
  static base::Result<Transaction> Begin(StatementCache& statements);

  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // Durable when it returned kOk (synchronous=FULL: one fsync of the WAL). On any other Status
  // nothing was written, kInternal apart: then what reached the disk is unknown until the next
  // start.
  base::Status Commit();

 private:
  Transaction(Database& database, StatementCache* statements)
      : database_(&database), statements_(statements) {}

  Database* database_;          // null once finished
  StatementCache* statements_;  // null: none
};

}  // namespace store
