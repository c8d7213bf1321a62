// `latchkey status`.
#include <CLI/CLI.hpp>
#include <iostream>

#include "ctl/args.h"
#include "ctl/commands.h"
#include "ctl/status_report.h"

namespace ctl {

namespace {

base::Status ShowStatus(const Args&, Context& context) {
  const auto settings = context.LoadServedSettings();
  if (!settings.ok()) return settings.error();
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
