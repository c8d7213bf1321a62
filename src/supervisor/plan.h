// What is started: each process of base/processes.h with its arguments and sockets. Pure.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/processes.h"
#include "base/settings.h"
#include "supervisor/environment.h"
#include "supervisor/sockets.h"
#include "supervisor/spawn.h"

namespace supervisor {

// Borrowed during the call.
struct PlanInput {
  const Programs& programs;
  const base::Settings& settings;  // paths absolute
  const std::string& config_path;  // empty: none
  const std::string& nginx_file;   // the configuration that nginx is started with
  const std::vector<TcpListener>& tcp;
  const UnixListeners& sockets;
};
std::array<ProcessSpec, base::kProcessCount> PlanProcesses(const PlanInput& input);

// The arguments behind a program of ours: `arguments`, then where its data and configuration are.
std::vector<std::string> WithSettings(std::vector<std::string> arguments,
                                      const base::Settings& settings,
                                      const std::string& config_path);

}  // namespace supervisor
