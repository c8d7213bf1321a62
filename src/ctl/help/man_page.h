// Man pages (man(7)) from what the commands and settings say of themselves. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/settings.h"
#include "ctl/help/command_tree.h"

namespace ctl {

std::string CommandPage(const std::vector<CommandHelp>& tree);             // latchkey(1)
std::string SettingsPage(const std::vector<base::SettingHelp>& settings);  // latchkey.toml(5)
std::string DaemonsPage();                                                 // latchkey-worker(8)

}  // namespace ctl
