// Starting one child of `latchkey run`. For a process with one thread; not thread-safe.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"

namespace supervisor {

struct NamedSocket {
  std::string name;
  int fd = -1;  // stays the caller's
};

// How a child learns of the sockets it is given (descriptors 3, 4, …).
enum class SocketHandover : std::uint8_t {
  kListenFds,  // LISTEN_FDS, LISTEN_FDNAMES, LISTEN_PID: sd_listen_fds(3)
  kNginx,      // NGINX=3;4; as nginx hands them to its own new binary
};

struct ProcessSpec {
  std::string name;                    // for logs and the pid file
  std::vector<std::string> arguments;  // [0] is the path of the executable
  std::vector<NamedSocket> sockets;
  SocketHandover handover = SocketHandover::kListenFds;
  int death_signal = SIGTERM;  // what it gets when the supervisor is gone, however it went
  int standard_error = -1;     // where it writes; stays the caller's; -1: where we do
  int orphan_signal = 0;  // what its own children get when it is gone; 0: they see for themselves
};

// Forks and executes: in a process group of its own (Ctrl-C in the terminal reaches the supervisor
// alone), standard input from /dev/null, no signal blocked. Returns once the exec has worked; else
// why it did not.
base::Result<pid_t> Spawn(const ProcessSpec& spec);

}  // namespace supervisor
