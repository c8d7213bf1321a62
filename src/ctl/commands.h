// One function a subcommand, each in the file of its name; main.cc has them in a table.
#pragma once

#include "ctl/command.h"

namespace ctl {

void RegisterRun(CLI::App& app, Context& context);
void RegisterStop(CLI::App& app, Context& context);
void RegisterSettings(CLI::App& app, Context& context);

}  // namespace ctl
