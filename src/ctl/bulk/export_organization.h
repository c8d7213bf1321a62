// `latchkey org export`.
#pragma once

#include "ctl/command.h"

namespace ctl {

void AddOrganizationExport(CLI::App& noun, Context& context);

}  // namespace ctl
