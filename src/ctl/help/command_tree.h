// The commands and options that CLI11 knows, as plain data: what `--help` shows, for shell completion
// and man pages. Lives on main's thread.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ctl {

struct OptionHelp {
  std::string name;  // with its dashes; of an argument, without
  std::string type;  // "FILE"; empty: a flag
  std::string help;
  bool is_required = false;
};

struct CommandHelp {
  std::string path;  // "org create"; of the whole command, empty
  std::string help;
  std::vector<std::string> examples;  // a line each
  std::vector<OptionHelp> options;
  std::vector<std::string> verbs;  // the names of the commands below it
};

// The whole command first, then each below it behind its parent; hidden ones are left out.
std::vector<CommandHelp> CommandTree(const CLI::App& app);

}  // namespace ctl
