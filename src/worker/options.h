// What the settings make of the processes of a pool: the options of each part, in one place, so that
// a test can see that every setting steers something.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/log.h"
#include "base/settings.h"
#include "domain/ports/random.h"
#include "store/sqlite_reader.h"
#include "wire/client.h"
#include "worker/fcgi/fcgi_loop.h"
#include "worker/pool/command_line.h"
#include "worker/pool/prefork.h"

namespace worker {

// Of a child. Raises the process's soft limit of descriptors as far as it goes; one WARN where fewer
// connections are possible than the settings want. `random` spreads the children's replacement.
FcgiLoop::Options LoopOptions(const CommandLine& line, const base::Settings& settings,
                              domain::Random& random, const base::Log& log);
wire::Client::Options ClientOptions(const CommandLine& line, const base::Settings& settings);
store::ReaderOptions ReaderOptions(const base::Settings& settings);

// Where the service manager handed the key over (LoadCredential=, systemd.exec(5)), else in the data
// folder.
std::string MasterKeyPath(const base::Settings& settings);

// Of the parent.
Prefork::Limits PoolLimits(const base::Settings& settings);
// At least one; `cores` where the setting leaves it open.
std::int64_t LoginChildren(const base::Settings& settings, unsigned cores);

}  // namespace worker
