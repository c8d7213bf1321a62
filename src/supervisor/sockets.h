// Every socket of `latchkey run`, opened before anything starts and kept open until the end: a
// process that is restarted finds its queue as it left it, and the port is ours or nobody's.
// Move-only values; used by one thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/os/unique_fd.h"
#include "base/processes.h"
#include "base/settings.h"
#include "base/status.h"
#include "supervisor/spawn.h"

namespace supervisor {

struct Listener {
  std::string name;  // in LISTEN_FDNAMES
  base::UniqueFd fd;
};
struct TcpListener {
  std::string address;  // as nginx's `listen` has it, and as an HTTP client connects
  base::UniqueFd fd;
};

// listen_address:port, and [::1] beside 127.0.0.1 where the machine has IPv6; of each a socket for
// every one of nginx's `workers` (SO_REUSEPORT), among which the kernel deals the connections out.
// kExists: the port is in use; kDenied: it is one for root.
base::Result<std::vector<TcpListener>> OpenTcpListeners(const base::Settings& settings,
                                                        std::int64_t workers);
// The same, waiting up to 20 s while the port is in use: for a predecessor that was killed, whose
// nginx is just ending.
base::Result<std::vector<TcpListener>> AwaitTcpListeners(const base::Settings& settings,
                                                         std::int64_t workers);

// Of each process in the order of base::kProcesses.
using UnixListeners = std::array<std::vector<Listener>, base::kProcessCount>;
// kInvalid: the run folder lies too deep for a socket in it. Nothing is made.
base::Status CheckSocketPaths(const base::Settings& settings);
// Waits (at most 20 s) for processes of a supervisor that was killed to let go of the same sockets.
base::Result<UnixListeners> OpenUnixListeners(const base::Settings& settings);

std::vector<NamedSocket> NamesOf(const std::vector<Listener>& listeners);
std::vector<NamedSocket> NamesOf(const std::vector<TcpListener>& listeners);

}  // namespace supervisor
