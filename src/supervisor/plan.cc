#include "supervisor/plan.h"

#include <csignal>
#include <utility>

namespace supervisor {

namespace {

ProcessSpec NginxSpec(const std::string& program, const PlanInput& input) {
  return {.name = "nginx",
          .arguments = {program, "-e", "stderr", "-p", input.settings.run_dir, "-c",
                        input.nginx_file, "-g", "daemon off;"},
          .sockets = NamesOf(input.tcp),
          .handover = SocketHandover::kNginx,
          .orphan_signal = SIGQUIT};
}

}  // namespace

std::vector<std::string> WithSettings(std::vector<std::string> arguments,
                                      const base::Settings& settings,
                                      const std::string& config_path) {
  arguments.insert(arguments.end(), {"--data", settings.data_dir});
  if (!config_path.empty()) arguments.insert(arguments.end(), {"--config", config_path});
  return arguments;
}

std::array<ProcessSpec, base::kProcessCount> PlanProcesses(const PlanInput& input) {
  std::array<ProcessSpec, base::kProcessCount> specs;
  for (std::size_t i = 0; i < base::kProcessCount; ++i) {
    const base::Process& process = base::kProcesses.at(i);
    const std::string& program = input.programs.of.at(i);
    if (!process.is_ours()) {
      specs.at(i) = NginxSpec(program, input);
      continue;
    }
    std::vector<std::string> arguments{program};
    if (!process.pool.empty())
      arguments.insert(arguments.end(), {"--pool", std::string(process.pool)});
    specs.at(i) = {
        .name = std::string(process.name),
        .arguments = WithSettings(std::move(arguments), input.settings, input.config_path),
        .sockets = NamesOf(input.sockets.at(i))};
  }
  return specs;
}

}  // namespace supervisor
