// `latchkey status`.
#include <unistd.h>

#include <cerrno>
#include <iostream>

#include "ctl/args.h"
#include "ctl/commands.h"
#include "ctl/status/status_report.h"

namespace ctl {

namespace {

base::Status ShowStatus(const Args&, Context& context) {
  const auto settings = context.LoadServedSettings();
  if (!settings.ok()) return settings.error();
  if (::access(settings->run_dir.c_str(), R_OK | X_OK) != 0) {
    const base::Status status = base::ErrnoStatus("look into " + settings->run_dir, errno);
    const bool is_missing = status.code() == base::Code::kNotFound;
    return {is_missing ? base::Code::kUnavailable : status.code(),
            status.message() + ": does a server run on this data? --data names another"};
  }
  const StatusReport report = GatherStatus(*settings);
  std::cout << (context.json() ? ToText(Json(ToJson(report))) : StatusText(report));
  if (!report.serving()) context.exit_code = ExitCodeOf(base::Code::kUnavailable);
  return {};
}

}  // namespace

void RegisterStatus(CLI::App& app, Context& context) {
  AddCommand(
      app, context,
      {"status",
       "processes, queue, commit and checkpoint times, sizes; exit code 5 where it does not serve",
       "latchkey status\nlatchkey --json status"},
      &ShowStatus);
}

}  // namespace ctl
