#include "ctl/help/command_tree.h"

#include <CLI/CLI.hpp>

#include "ctl/print/text.h"

namespace ctl {

namespace {

bool IsShown(const CLI::App& app) { return !app.get_name().empty() && !app.get_group().empty(); }

std::vector<const CLI::App*> ShownBelow(const CLI::App& app) {
  std::vector<const CLI::App*> shown;
  for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (IsShown(*below)) shown.push_back(below);
  }
  return shown;
}

OptionHelp HelpOf(const CLI::Option& option) {
  const auto& names = option.get_lnames();
  const bool is_flag = option.get_items_expected_max() == 0;
  return {.name = names.empty() ? option.get_name() : "--" + names.front(),
          .type = is_flag ? "" : option.get_type_name(),
          .help = option.get_description(),
          .is_required = option.get_required()};
}

// The footer holds them, behind a heading, indented.
std::vector<std::string> ExamplesOf(const CLI::App& app) {
  std::vector<std::string> examples;
  for (const std::string& line : SplitLines(app.get_footer())) {
    if (line.starts_with("  ")) examples.push_back(line.substr(2));
  }
  return examples;
}

void Add(const CLI::App& app, const std::string& path, std::vector<CommandHelp>* tree) {
  CommandHelp help{.path = path,
                   .help = app.get_description(),
                   .examples = ExamplesOf(app),
                   .options = {},
                   .verbs = {}};
  for (const CLI::Option* option : app.get_options()) help.options.push_back(HelpOf(*option));
  const auto below = ShownBelow(app);
  for (const CLI::App* command : below) help.verbs.push_back(command->get_name());
  tree->push_back(std::move(help));
  for (const CLI::App* command : below) {
    Add(*command, path.empty() ? command->get_name() : path + " " + command->get_name(), tree);
  }
}

}  // namespace

std::vector<CommandHelp> CommandTree(const CLI::App& app) {
  std::vector<CommandHelp> tree;
  Add(app, "", &tree);
  return tree;
}

}  // namespace ctl
