// The nftables table that bounds connections below nginx, as `latchkey nftables` prints it: nftables/latchkey.nft
// filled in from the settings. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/settings.h"
#include "base/status.h"

namespace ctl {

// Of one address (IPv6: /64; its /48 has four times as much). 0: no limit.
struct ConnectionBounds {
  std::int64_t held = 0;  // connections that stand
  std::int64_t new_per_second = 0;
  std::int64_t new_together = 0;
};
ConnectionBounds BoundsOf(const base::Settings& settings);

// What tells one set of numbers from another: stands in the loaded table, and `doctor` compares it with the settings.
std::string NftablesMark(const base::Settings& settings);

base::Result<std::string> RenderNftables(const base::Settings& settings,
                                         const std::vector<std::int64_t>& ports);

}  // namespace ctl
