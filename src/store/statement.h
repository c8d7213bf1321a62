// Prepared statements with typed values. SQL is a constexpr string at its user's file top; values
// are always bound. Not thread-safe.
//
//   Query query(statements, kFindPlan, plan_id, organization_id);
//   if (auto row = query.Step(); !row.ok()) return row.error();
//   const auto name = query.Read<std::string>();
//
// A Query resets its statement when it goes out of scope, so no read transaction outlives it.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "records/fields.h"
#include "records/ids.h"
#include "store/database.h"

struct sqlite3_stmt;

namespace store {

// Keeps every statement of one connection prepared. The database outlives the cache.
class StatementCache {
 public:
  explicit StatementCache(Database& database) : database_(database) {}
  StatementCache(const StatementCache&) = delete;
  StatementCache& operator=(const StatementCache&) = delete;
  ~StatementCache();

  // Prepares at the first use. `sql` is a constant: the address of its text is the key.
  base::Result<sqlite3_stmt*> Get(std::string_view sql);
  Database& database() { return database_; }

 private:
  Database& database_;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
};

template <class T>
struct IsId : std::false_type {};
template <class Tag>
struct IsId<base::Id<Tag>> : std::true_type {};

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

class Query {
 public:
  // Binds `values` from left to right; they are not copied and outlive the query.
  template <class... Values>
  Query(StatementCache& statements, std::string_view sql, const Values&... values)
      : database_(statements.database()) {
    Prepare(statements, sql);
    if (statement_ != nullptr) (Bind(values), ...);
  }
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  // True: a row is there to read. False: no more rows.
  base::Result<bool> Step();
  // To the end, for a statement without rows. Gives back how many rows changed.
  base::Result<std::int64_t> Run();

  // The next column of the row, from left to right; of an entity (entity.h) all of its columns. A
  // value of the wrong shape makes intact()
  // false.
  template <class T>
  T Read();
  // True where the next column holds nothing.
  bool NextIsNull() const;
  // True where every column read so far had the shape its type asks for.
  bool intact() const { return intact_; }

 private:
  void Prepare(StatementCache& statements, std::string_view sql);
  template <class T>
  void Bind(const T& value);
  void BindInteger(std::int64_t value);
  void BindText(std::string_view value);
  void BindBlob(const void* bytes, std::size_t size);
  void BindNull();

  std::int64_t ReadInteger();
  std::string ReadText();
  // Copies a column of exactly `size` bytes; otherwise leaves `out` as it is and the query not
  // intact.
  void ReadBytes(std::uint8_t* out, std::size_t size);
  // Marks the query where `value` is not in [0, count).
  std::int64_t Checked(std::int64_t value, std::int64_t count);

  Database& database_;
  sqlite3_stmt* statement_ = nullptr;
  base::Status status_;  // why there is no statement
  int next_parameter_ = 1;
  int next_column_ = 0;
  bool intact_ = true;
};

template <class T>
void Query::Bind(const T& value) {
  if constexpr (records::Listed<T>) {
    records::ForEachField(T::kFields, [&](auto member) { Bind(value.*member); });
  } else if constexpr (IsOptional<T>::value) {
    value ? Bind(*value) : BindNull();
  } else if constexpr (IsId<T>::value) {
    BindBlob(value.bytes.data(), value.bytes.size());
  } else if constexpr (std::is_same_v<T, records::Sha256>) {
    BindBlob(value.data(), value.size());
  } else if constexpr (std::is_same_v<T, records::Bytes>) {
    BindBlob(value.data(), value.size());
  } else if constexpr (std::is_same_v<T, base::Time>) {
    BindInteger(base::ToUnixMillis(value));
  } else if constexpr (std::is_enum_v<T> || std::integral<T>) {
    BindInteger(static_cast<std::int64_t>(value));
  } else {
    BindText(value);
  }
}

template <class T>
T Query::Read() {
  if constexpr (records::Listed<T>) {
    T row;
    records::ForEachField(T::kFields,
                          [&]<class Member>(Member T::*member) { row.*member = Read<Member>(); });
    return row;
  } else if constexpr (IsOptional<T>::value) {
    if (NextIsNull()) {
      ++next_column_;
      return std::nullopt;
    }
    return Read<typename T::value_type>();
  } else if constexpr (IsId<T>::value) {
    T id;
    ReadBytes(id.bytes.data(), id.bytes.size());
    return id;
  } else if constexpr (std::is_same_v<T, records::Sha256>) {
    T hash{};
    ReadBytes(hash.data(), hash.size());
    return hash;
  } else if constexpr (std::is_same_v<T, base::Time>) {
    return base::FromUnixMillis(ReadInteger());
  } else if constexpr (std::is_enum_v<T>) {
    return static_cast<T>(Checked(ReadInteger(), static_cast<std::int64_t>(T::kCount)));
  } else if constexpr (std::is_same_v<T, bool>) {
    return ReadInteger() != 0;
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    return ReadInteger();
  } else {
    static_assert(std::is_same_v<T, std::string> || std::is_same_v<T, records::Bytes>);
    return ReadText();
  }
}

}  // namespace store
