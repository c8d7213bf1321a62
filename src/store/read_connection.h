// A read-only connection that opens itself when it is needed, again after the file was replaced or
// damaged, and that can keep one snapshot for a turn of a loop. Not thread-safe.
#pragma once

#include <sys/types.h>

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "store/database.h"
#include "store/statement.h"

namespace store {

class ReadConnection {
 public:
  ReadConnection(Database::ReaderOptions options, base::milliseconds busy_timeout)
      : options_(std::move(options)), busy_timeout_(busy_timeout) {}
  ~ReadConnection();

  // From now until EndTurn reads may share one state of the database, the newest at the first of
  // them: ten requests of one turn take the WAL's read lock once. Ends a former turn.
  void StartTurn();
  // Between two requests of a turn: lets go of a state that was held for a millisecond, for a WAL
  // that is being read cannot be started anew. A turn of many requests that sign tokens takes longer
  // than the writer's checkpoint would wait.
  void RequestEnded();
  void EndTurn();

  // The one row of `sql`, made by `read`. kNotFound names `what`; kUnavailable: no database, or
  // busy for longer than the timeout; kCorrupt.
  template <class Read, class... Values>
  auto FindOne(std::string_view what, std::string_view sql, Read read, const Values&... values)
      -> base::Result<std::invoke_result_t<Read, Query&>>;
  // All rows of `sql`, in its order.
  template <class Read, class... Values>
  auto FindAll(std::string_view sql, Read read, const Values&... values)
      -> base::Result<std::vector<std::invoke_result_t<Read, Query&>>>;

 private:
  struct Connection {
    explicit Connection(Database opened) : database(std::move(opened)), statements(database) {}
    Database database;
    StatementCache statements;
  };

  // Calls `attempt` (Connection& -> Result<T>) until it gives something else than kUnavailable, or
  // the busy timeout passed.
  template <class Attempt>
  auto Retrying(Attempt attempt) -> std::invoke_result_t<Attempt, Connection&>;
  // Sleeps a millisecond. False where the busy timeout, counted from the first call, has passed.
  bool PauseBefore(std::int64_t* deadline_micros) const;
  // kUnavailable where the last attempt to open failed a moment ago.
  base::Status RefuseEarlyOpen() const;
  base::Status Prepare();
  base::Status Open();
  base::Status BeginSnapshot();
  void EndSnapshot();
  void DropIfReplaced();
  // What a failed read means to the caller; closes the connection where only a new one can help.
  base::Status Settle(base::Status status);

  Database::ReaderOptions options_;
  base::milliseconds busy_timeout_;
  std::unique_ptr<Connection> connection_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  std::int64_t next_open_micros_ = 0;
  std::int64_t next_look_micros_ = 0;
  bool in_turn_ = false;
  bool has_snapshot_ = false;
  std::int64_t snapshot_began_micros_ = 0;
};

template <class Attempt>
auto ReadConnection::Retrying(Attempt attempt) -> std::invoke_result_t<Attempt, Connection&> {
  using Answer = std::invoke_result_t<Attempt, Connection&>;
  if (base::Status status = RefuseEarlyOpen(); !status.ok()) return status;
  std::int64_t deadline = 0;
  for (;;) {
    base::Status prepared = Prepare();
    Answer answer = prepared.ok() ? attempt(*connection_) : Answer(std::move(prepared));
    if (answer.ok()) return answer;
    const bool is_passing = answer.error().code() == base::Code::kUnavailable;
    if (!is_passing || !PauseBefore(&deadline)) return Settle(answer.error());
  }
}

template <class Read, class... Values>
auto ReadConnection::FindOne(std::string_view what, std::string_view sql, Read read,
                             const Values&... values)
    -> base::Result<std::invoke_result_t<Read, Query&>> {
  using Found = base::Result<std::invoke_result_t<Read, Query&>>;
  return Retrying([&](Connection& connection) -> Found {
    Query query(connection.statements, sql, values...);
    const base::Result<bool> row = query.Step();
    if (!row.ok()) return row.error();
    if (!*row) return base::Status(base::Code::kNotFound, std::string(what));
    Found found = read(query);
    if (!query.intact()) return base::Status(base::Code::kCorrupt, std::string(what));
    return found;
  });
}

template <class Read, class... Values>
auto ReadConnection::FindAll(std::string_view sql, Read read, const Values&... values)
    -> base::Result<std::vector<std::invoke_result_t<Read, Query&>>> {
  using Rows = std::vector<std::invoke_result_t<Read, Query&>>;
  return Retrying([&](Connection& connection) -> base::Result<Rows> {
    Query query(connection.statements, sql, values...);
    Rows rows;
    for (;;) {
      const base::Result<bool> row = query.Step();
      if (!row.ok()) return row.error();
      if (!*row) return rows;
      rows.push_back(read(query));
      if (!query.intact()) return base::Status(base::Code::kCorrupt, std::string(sql));
    }
  });
}

}  // namespace store
