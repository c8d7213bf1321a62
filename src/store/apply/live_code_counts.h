// How many user codes are live (table live_user_codes), of each client and in all. Kept in memory, counted
// anew at each start. What a transaction changes counts from then on, and is taken back unless Keep says
// that it was committed. Not thread-safe; lives on the commit loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "records/ids.h"
#include "store/apply/row_limits.h"
#include "store/database.h"

namespace store {

class LiveCodeCounts {
 public:
  explicit LiveCodeCounts(const RowLimits& limits) : limits_(limits) {}

  // From the table: all that was counted before is forgotten.
  base::Status Recount(Database& database);

  enum class Room : std::uint8_t { kThere, kNoneForClient, kNone };
  Room RoomFor(const records::ClientRowId& client) const;

  // A transaction begins: takes back what an earlier one, which was rolled back, had changed.
  void Begin();
  void Add(const records::ClientRowId& client) { Change(client, 1); }
  void Remove(const records::ClientRowId& client) { Change(client, -1); }
  // It was committed.
  void Keep() { changes_.clear(); }

  std::int64_t all() const { return all_; }

 private:
  // UUIDv7: its end is random.
  struct Hash {
    std::size_t operator()(const records::ClientRowId& id) const;
  };
  struct Step {
    records::ClientRowId client;
    std::int64_t by = 0;
  };

  void Change(const records::ClientRowId& client, std::int64_t by);
  void Count(const records::ClientRowId& client, std::int64_t by);

  RowLimits limits_;
  std::unordered_map<records::ClientRowId, std::int64_t, Hash> of_client_;
  std::int64_t all_ = 0;
  std::vector<Step> changes_;  // of the transaction
};

}  // namespace store
