// All that `latchkey run` makes and checks before the first process starts. Used by one thread,
// once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/os/unique_fd.h"
#include "base/settings.h"
#include "base/status.h"
#include "supervisor/environment.h"
#include "supervisor/sockets.h"

namespace ctl {

struct RunOptions {
  bool demo = false;
  bool background = false;
};

struct Prepared {
  base::Settings settings;  // paths absolute
  supervisor::Programs programs;
  std::int64_t descriptor_limit = 0;
  base::UniqueFd lock;  // of the data
  std::vector<supervisor::TcpListener> tcp;
  supervisor::UnixListeners sockets;
};

// Folder, owner, lock, key, sockets and nginx's files. Every error says what to do about it, and
// leaves no process and no open socket behind.
base::Result<Prepared> Prepare(base::Settings settings, const RunOptions& options);

// The supervisor's pid file; a clean stop removes it last.
std::string PidPath(const base::Settings& settings);
// nginx's files anew: at the start, and at a reload with changed settings.
base::Status WriteNginxConfiguration(const base::Settings& settings, std::int64_t descriptor_limit,
                                     const std::vector<std::string>& listen);
// nginx's `worker_processes` on so many cores: so many sockets share each address.
std::int64_t NginxWorkers(const base::Settings& settings, std::int64_t cores,
                          std::int64_t descriptor_limit);
// Each once.
std::vector<std::string> AddressesOf(const std::vector<supervisor::TcpListener>& listeners);

// What works, and yet is hardly what was meant.
void WarnOfOddities(const base::Settings& settings, std::int64_t descriptor_limit,
                    const base::Log& log);

}  // namespace ctl
