// `latchkey user import`.
#pragma once

#include "ctl/command.h"

namespace ctl {

void AddUserImport(CLI::App& noun, Context& context);

}  // namespace ctl
