#include "base/processes.h"

#include <utility>

namespace base {

std::vector<std::string> SocketNamesOf(const Process& process, const Settings& settings) {
  if (process.listens == Listens::kOnPublicPort) return {};
  std::string name(process.name);
  if (process.sockets == nullptr) return {std::move(name)};
  std::vector<std::string> names;
  for (std::int64_t i = 1; i <= settings.*process.sockets; ++i) {
    names.push_back(name + "-" + std::to_string(i));
  }
  return names;
}

milliseconds StopLimitOf(const Process& process, const Settings& settings) {
  const milliseconds budget(process.answers_requests ? settings.request_budget_ms : 0);
  return process.stop_limit + budget;
}

}  // namespace base
