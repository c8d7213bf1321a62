// Lines of the two logs, taken apart: nginx's access log (nginx/http.conf) and the log of the processes
// (base/log.h), with or without what journalctl or syslog puts in front. Pure; views into the line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace ctl {

struct AccessLine {
  base::Time time;  // when the answer was sent; whole seconds
  std::string address, method, path, host;
  int status = 0;
  std::string seconds;           // "0.005": all of it
  std::string upstream_seconds;  // the children's part; "-": none was asked; several: sent again
  std::string error;             // word of docs/api.md; empty: nginx's own answer, or none
  // "1000": a limit refused so many like it for one line; empty: each has its own.
  std::string one_of;
  bool was_passed_on() const { return !upstream_seconds.empty() && upstream_seconds != "-"; }
};
std::optional<AccessLine> ParseAccessLine(std::string_view line);

struct EventLine {
  base::Time time;
  std::string severity, process, event;
  std::vector<std::pair<std::string, std::string>> fields;
  bool is_trouble() const { return severity != "INFO"; }
  std::string Get(std::string_view key) const;  // empty where it is missing
};
std::optional<EventLine> ParseEventLine(std::string_view line);

}  // namespace ctl
