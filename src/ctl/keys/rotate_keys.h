// `latchkey keys rotate` and `latchkey keys retire`.
#pragma once

#include "ctl/command.h"

namespace ctl {

void AddKeyRotation(CLI::App& noun, Context& context);

}  // namespace ctl
