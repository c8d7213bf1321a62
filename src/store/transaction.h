// A write transaction that rolls back unless committed. Not thread-safe.
#pragma once

#include "base/status.h"
#include "store/database.h"

namespace store {

class Transaction {
 public:
  // Takes the write lock at once, so that no later statement finds it taken.
  static base::Result<Transaction> Begin(Database& database);

  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // Durable when it returned kOk (synchronous=FULL: one fsync of the log). On any other Status
  // nothing was written, kInternal apart: then what reached the disk is unknown until the next
  // start.
  base::Status Commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}

  Database* database_;  // null once finished
};

}  // namespace store
