// Shell completion of the whole command line. Pure.
#pragma once

#include <string>
#include <vector>

#include "ctl/help/command_tree.h"

namespace ctl {

// Scripts that complete commands and options; where neither fits, the shell completes file names.
std::string BashCompletion(const std::vector<CommandHelp>& tree);
std::string ZshCompletion(const std::vector<CommandHelp>& tree);

}  // namespace ctl
