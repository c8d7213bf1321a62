// `latchkey completion` and `latchkey man`: what the installation writes to where shells and man(1)
// look for it. Hidden from the list of commands.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "ctl/commands.h"
#include "ctl/help/completion.h"
#include "ctl/help/man_page.h"

namespace ctl {

namespace {

constexpr const char* kHidden = "";

std::string PageOf(const std::string& section, const CLI::App& app) {
  if (section == "5") return SettingsPage(base::DescribeSettings());
  if (section == "8") return DaemonsPage();
  return CommandPage(CommandTree(app));
}

}  // namespace

void RegisterHelp(CLI::App& app, Context&) {
  auto chosen = std::make_shared<std::string>();
  CLI::App* completion = app.add_subcommand("completion", "Print the completion of a shell");
  completion->group(kHidden);
  completion->add_option("shell", *chosen)->required()->check(CLI::IsMember({"bash", "zsh"}));
  completion->callback([&app, chosen] {
    const auto tree = CommandTree(app);
    std::cout << (*chosen == "bash" ? BashCompletion(tree) : ZshCompletion(tree));
  });
  CLI::App* man = app.add_subcommand("man", "Print a man page: latchkey(1), latchkey.toml(5), (8)");
  man->group(kHidden);
  man->add_option("section", *chosen)->required()->check(CLI::IsMember({"1", "5", "8"}));
  man->callback([&app, chosen] { std::cout << PageOf(*chosen, app); });
}

}  // namespace ctl
