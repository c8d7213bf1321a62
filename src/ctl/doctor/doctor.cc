// `latchkey doctor`.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "ctl/args.h"
#include "ctl/commands.h"
#include "ctl/doctor/checks.h"
#include "ctl/print/json.h"
#include "ctl/print/text.h"

namespace ctl {

namespace {

std::string_view WordOf(Level level) {
  switch (level) {
    case Level::kOk:
      return "ok";
    case Level::kWarn:
      return "warn";
    case Level::kFail:
      return "fail";
  }
  return "unknown";
}

std::string FindingsText(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += fmt::format("{:<4} {:<12} {}\n", WordOf(finding.level), finding.name,
                        Printable(finding.what));
    if (!finding.fix.empty()) text += fmt::format("{:18}-> {}\n", "", Printable(finding.fix));
  }
  return text;
}

Json FindingsJson(const std::vector<Finding>& findings) {
  JsonArray array;
  for (const Finding& finding : findings) {
    array.push_back(JsonObject{{"level", WordOf(finding.level)},
                               {"name", finding.name},
                               {"what", finding.what},
                               {"fix", finding.fix}});
  }
  return array;
}

base::Status Examine(const Args&, Context& context) {
  const auto settings = context.LoadServedSettings();
  if (!settings.ok()) return settings.error();
  const auto findings = Diagnose(GatherFacts(*settings));
  std::cout << (context.json() ? ToText(FindingsJson(findings)) : FindingsText(findings));
  const bool fails = std::ranges::any_of(
      findings, [](const Finding& finding) { return finding.level == Level::kFail; });
  if (fails) context.exit_code = kExitFailed;
  return {};
}

}  // namespace

void RegisterDoctor(CLI::App& app, Context& context) {
  AddCommand(
      app, context,
      {"doctor",
       "name and certificate, forwarding, nginx, clock, rights, disk, limits; each finding with "
       "its fix; exit code 1 where one fails",
       "latchkey doctor\nlatchkey --json doctor"},
      &Examine);
}

}  // namespace ctl
