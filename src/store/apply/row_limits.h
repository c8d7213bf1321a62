// How many rows of a kind may be alive at a time, decided by the writer. 0: no limit.
#pragma once

#include <cstdint>

namespace store {

struct RowLimits {
  std::int64_t grants_per_user = 200;   // beyond it the oldest ends
  std::int64_t sessions_per_user = 20;  // beyond it the oldest ends
  std::int64_t live_codes_per_client = 20'000;
  std::int64_t live_codes = 500'000;
};

// A network may hold, of a room for live codes, one of so many parts of what is still free: less, the fuller it
// is. So one network alone gets a ninth of a client's room, and a thousand of them leave a place for
// whoever has none yet: to shut the room it takes about as many networks as it has places.
inline constexpr std::int64_t kPartsOfAClientsRoom = 8;
inline constexpr std::int64_t kPartsOfTheWholeRoom = 16;
// A smaller room is not shared: a part of it would be a handful.
inline constexpr std::int64_t kLeastSharedRoom = 160;

inline constexpr bool IsShared(std::int64_t limit) { return limit >= kLeastSharedRoom; }

// An IPv6 site (/48) shares one network's part with all of its provider (/32): who leases a part of
// that has thousands of sites. What counts against the part is what the provider holds, and twice
// what the site itself does, so that the first site leaves room to the others of its provider.
inline constexpr std::int64_t kWeightOfASite = 2;
inline constexpr std::int64_t WeightOfSite(std::int64_t held, std::int64_t held_by_provider) {
  return kWeightOfASite * held + held_by_provider;
}

// Pages of other sites make browsers ask until their network holds one of so many of its part: who
// opened such a page gets codes still.
inline constexpr std::int64_t kPagesPart = 4;

// Whether a network that holds `held` of the `used` places (of a site: its weight) has its part.
inline constexpr bool HasItsPart(std::int64_t held, std::int64_t used, std::int64_t limit,
                                 std::int64_t parts) {
  return IsShared(limit) && held * parts >= limit - used;
}

}  // namespace store
