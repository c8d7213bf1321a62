#include "worker/pool/command_line.h"

#include <optional>
#include <span>

#include "base/number.h"
#include "worker/pool/child_slots.h"

namespace worker {

const std::string_view kUsage =
    "latchkey-worker serves HTTP requests that nginx passes on by FastCGI.\n"
    "\n"
    "  latchkey-worker --pool api|login [--config FILE] [--data DIR]\n"
    "      starts the pool's children on the sockets handed over by `latchkey run` or systemd\n"
    "      (LISTEN_FDS): api-1, api-2, ... one a child, or login, shared by its children.\n"
    "      SIGHUP: check the configuration, then replace the children one by one; SIGTERM: stop.\n"
    "  latchkey-worker --check-config [--config FILE] [--data DIR]\n"
    "      exits 0 if the configuration is right, else says what is wrong.\n"
    "  latchkey-worker --child ...\n"
    "      is how the parent starts a child.\n";

namespace {

base::Status Wrong(std::string_view argument, std::string_view why) {
  return {base::Code::kInvalid, std::string(argument).append(" ").append(why)};
}

template <class Number>
base::Status ParseNumber(std::string_view option, std::string_view text, Number* out) {
  const auto number = base::ParseNumber<Number>(text);
  if (!number || *number < Number{}) {
    return Wrong(option, "takes a number, not '" + std::string(text) + "'");
  }
  *out = *number;
  return {};
}

base::Status ParsePool(std::string_view text, Pool* out) {
  for (const Pool pool : {Pool::kApi, Pool::kLogin}) {
    if (text != NameOf(pool)) continue;
    *out = pool;
    return {};
  }
  return Wrong("--pool", "is api or login, not '" + std::string(text) + "'");
}

base::Status ApplyValue(std::string_view option, const std::string& value, CommandLine* line) {
  if (option == "--pool") return ParsePool(value, &line->pool);
  ChildPlace& place = line->place;
  if (option == "--listen-fd") return ParseNumber(option, value, &place.listen_fd);
  if (option == "--parent-fd") return ParseNumber(option, value, &place.parent_fd);
  if (option == "--ready-fd") return ParseNumber(option, value, &place.ready_fd);
  if (option == "--slots-fd") return ParseNumber(option, value, &place.slots_fd);
  if (option == "--slot") return ParseNumber(option, value, &place.slot);
  if (option == "--config") {
    line->config_path = value;
  } else if (option == "--data") {
    line->data_dir = value;
  } else if (option == "--child") {
    line->mode = CommandLine::Mode::kChild;
    place.name = value;
  } else {
    return Wrong(option, "is no option; --help lists them");
  }
  return {};
}

base::Status CheckChild(const ChildPlace& place) {
  const bool complete = place.listen_fd >= 0 && place.parent_fd >= 0 && place.ready_fd >= 0 &&
                        place.slots_fd >= 0 && place.slot < ChildSlots::kSlots;
  return complete ? base::Status()
                  : Wrong("--child", "needs its descriptors: only the parent uses it");
}

}  // namespace

std::string_view NameOf(Pool pool) { return pool == Pool::kApi ? "api" : "login"; }

std::vector<std::string> ToArguments(const ChildPlace& place) {
  return {"--child",     place.name,
          "--listen-fd", std::to_string(place.listen_fd),
          "--parent-fd", std::to_string(place.parent_fd),
          "--ready-fd",  std::to_string(place.ready_fd),
          "--slots-fd",  std::to_string(place.slots_fd),
          "--slot",      std::to_string(place.slot)};
}

base::Result<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments) {
  CommandLine line;
  bool has_pool = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& option = arguments[i];
    if (option == "--help" || option == "-h") {
      line.mode = CommandLine::Mode::kHelp;
      return line;
    }
    if (option == "--check-config") {
      line.mode = CommandLine::Mode::kCheckConfig;
      continue;
    }
    if (i + 1 == arguments.size()) return Wrong(option, "needs a value, or is no option");
    if (auto status = ApplyValue(option, arguments[++i], &line); !status.ok()) return status;
    has_pool = has_pool || option == "--pool";
  }
  if (line.mode == CommandLine::Mode::kCheckConfig) return line;
  if (!has_pool) return Wrong("--pool", "api or login is missing");
  if (line.mode == CommandLine::Mode::kChild) {
    if (auto status = CheckChild(line.place); !status.ok()) return status;
  }
  return line;
}

}  // namespace worker
