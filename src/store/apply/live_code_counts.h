// How many user codes are live (table live_user_codes), of each client, of each network and in all. Kept in
// memory, counted anew at each start. What a transaction changes counts from then on, and is taken back
// unless Keep says that it was committed. Not thread-safe; lives on the commit loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/siphash.h"
#include "base/status.h"
#include "records/ids.h"
#include "store/apply/row_limits.h"
#include "store/database.h"

namespace store {

// Who shares a room: an IPv4 address, or an IPv6 site (/48), of which one customer has all networks. Other
// text is 0, one network of its own. Kept in the database: what a network's number is never changes.
std::int64_t NetworkNumberOf(std::string_view address);
// The number of the provider (/32) around an IPv6 site; 0: the network is none.
std::int64_t ProviderNumberOf(std::int64_t network);

class LiveCodeCounts {
 public:
  explicit LiveCodeCounts(const RowLimits& limits);

  // From the table: all that was counted before is forgotten.
  base::Status Recount(Database& database);

  enum class Room : std::uint8_t { kThere, kNoneForClient, kNoneForNetwork, kNone };
  // `is_by_page`: a page of another site makes a browser of that network ask.
  Room RoomFor(const records::ClientRowId& client, std::int64_t network, bool is_by_page) const;

  // A transaction begins: takes back what an earlier one, which was rolled back, had changed.
  void Begin();
  void Add(const records::ClientRowId& client, std::int64_t network);
  void Remove(const records::ClientRowId& client, std::int64_t network);
  // It was committed.
  void Keep() { changes_.clear(); }

  std::int64_t all() const { return all_; }

 private:
  // UUIDv7: its end is random.
  struct Hash {
    std::size_t operator()(const records::ClientRowId& id) const;
  };
  // Networks are counted in tables of a fixed size, at places that nobody without the key can aim at. Two
  // that meet are counted together: then both are taken for larger than they are, never for smaller.
  struct Place {
    std::size_t in_all = 0;
    std::size_t of_client = 0;
  };
  struct Places {
    Place network;
    std::optional<Place> provider;  // of an IPv6 site, in the same tables
  };
  struct Step {
    records::ClientRowId client;
    Places places;
    int by = 0;
  };

  Places PlacesOf(const records::ClientRowId& client, std::int64_t network) const;
  Place PlaceOf(const records::ClientRowId& client, std::int64_t number) const;
  void Change(const Step& step);
  void Count(const Step& step);
  void CountAt(const Place& place, int by);

  RowLimits limits_;
  bool is_shared_;
  base::SipKey key_;
  std::unordered_map<records::ClientRowId, std::int64_t, Hash> of_client_;
  std::vector<std::int32_t> of_network_;             // over all clients
  std::vector<std::int32_t> of_network_and_client_;  // of one client
  std::int64_t all_ = 0;
  std::vector<Step> changes_;  // of the transaction
};

}  // namespace store
