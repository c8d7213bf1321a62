#include "store/statement.h"

#include <sqlite3.h>

#include <cstring>

#include "store/sqlite_status.h"

namespace store {

using base::Result;

StatementCache::~StatementCache() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
}

Result<sqlite3_stmt*> StatementCache::Get(std::string_view sql) {
  if (const auto found = statements_.find(sql.data()); found != statements_.end()) {
    return found->second;
  }
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_.handle(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return SqliteStatus(database_.handle(), code, sql);
  statements_.emplace(sql.data(), statement);
  return statement;
}

void Query::Prepare(StatementCache& statements, std::string_view sql) {
  Result<sqlite3_stmt*> statement = statements.Get(sql);
  if (statement.ok()) {
    statement_ = *statement;
  } else {
    status_ = statement.error();
  }
}

Query::~Query() {
  if (statement_ != nullptr) sqlite3_reset(statement_);
}

Result<bool> Query::Step() {
  if (statement_ == nullptr) return status_;
  next_column_ = 0;
  switch (const int code = sqlite3_step(statement_)) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      return SqliteStatus(database_.handle(), code, sqlite3_sql(statement_));
  }
}

Result<std::int64_t> Query::Run() {
  for (;;) {
    const Result<bool> row = Step();
    if (!row.ok()) return row.error();
    if (!*row) return static_cast<std::int64_t>(sqlite3_changes64(database_.handle()));
  }
}

void Query::BindInteger(std::int64_t value) {
  sqlite3_bind_int64(statement_, next_parameter_++, value);
}

void Query::BindText(std::string_view value) {
  // A null pointer would bind NULL: an empty view may have one.
  const char* text = value.data() == nullptr ? "" : value.data();
  sqlite3_bind_text64(statement_, next_parameter_++, text, value.size(), SQLITE_STATIC,
                      SQLITE_UTF8);
}

void Query::BindBlob(const void* bytes, std::size_t size) {
  sqlite3_bind_blob64(statement_, next_parameter_++, bytes == nullptr ? "" : bytes, size,
                      SQLITE_STATIC);
}

void Query::BindNull() { sqlite3_bind_null(statement_, next_parameter_++); }

bool Query::NextIsNull() const {
  return sqlite3_column_type(statement_, next_column_) == SQLITE_NULL;
}

std::int64_t Query::ReadInteger() { return sqlite3_column_int64(statement_, next_column_++); }

std::string Query::ReadText() {
  const int column = next_column_++;
  const void* text = sqlite3_column_blob(statement_, column);
  if (text == nullptr) return {};
  return std::string(static_cast<const char*>(text),
                     static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

void Query::ReadBytes(std::uint8_t* out, std::size_t size) {
  const int column = next_column_++;
  const void* bytes = sqlite3_column_blob(statement_, column);
  if (bytes == nullptr ||
      static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)) != size) {
    intact_ = false;
    return;
  }
  std::memcpy(out, bytes, size);
}

std::int64_t Query::Checked(std::int64_t value, std::int64_t count) {
  if (value >= 0 && value < count) return value;
  intact_ = false;
  return 0;
}

}  // namespace store
