// `latchkey nftables --watch`: the nftables table is there as long as this runs, and knows each second who is full.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/settings.h"
#include "base/status.h"

namespace ctl {

using SettingsSource = std::function<base::Result<base::Settings>()>;

// Loads the table, then counts each second until SIGTERM or SIGINT, which takes the table out; SIGHUP loads it anew
// from fresh settings (wrong ones: the table stays as it is, and standard error says why). An error: the table could
// not be loaded or is gone. Needs CAP_NET_ADMIN and `nft`. Changes the signal mask of the process.
base::Status WatchConnections(const SettingsSource& settings,
                              const std::vector<std::int64_t>& ports);

}  // namespace ctl
