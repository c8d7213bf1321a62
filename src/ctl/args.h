// Declaring subcommands, and reading what stood behind one. CLI11 is a large header: only this file's source, main
// and what works on the tree of commands read it. Names are those of the declaration
// ("--org", "slug"); an unknown name is a bug and throws CLI::OptionNotFound, which main() reports.
// Lives on main's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "ctl/command.h"

namespace CLI {
class App;
}

namespace ctl {

class Args {
 public:
  explicit Args(const CLI::App& app) : app_(app) {}

  bool Has(const char* name) const;
  std::string Text(const char* name) const;  // empty where it is missing
  std::optional<std::string> OptionalText(const char* name) const;
  std::vector<std::string> List(const char* name) const;
  std::int64_t Number(const char* name, std::int64_t otherwise) const;
  std::optional<std::int64_t> OptionalNumber(const char* name) const;

 private:
  const CLI::App& app_;
};

struct CommandSpec {
  const char* name;
  const char* description;
  const char* examples;  // a line each, without the prompt
};

// A subcommand with its help.
CLI::App& AddDescribed(CLI::App& parent, const CommandSpec& spec);
// `action` runs after the parse; its Status ends the command with the exit code of docs/cli.md.
using Action = std::function<base::Status(const Args& args, Context& context)>;
CLI::App& AddCommand(CLI::App& parent, Context& context, const CommandSpec& spec,
                     const Action& action);
// A noun: the parent of its verbs.
CLI::App& AddNoun(CLI::App& app, const CommandSpec& spec);

// Options that several subcommands share.
void AddText(CLI::App& command, const char* name, const char* type, const std::string& description);
void AddRequired(CLI::App& command, const char* name, const char* type, const char* description);
void AddList(CLI::App& command, const char* name, const char* type, const char* description);
void AddNumber(CLI::App& command, const char* name, std::int64_t least, std::int64_t most,
               const char* type, const char* description);
void AddFlag(CLI::App& command, const char* name, const char* description);
void AddChoice(CLI::App& command, const char* name, const std::vector<std::string>& choices,
               const char* description);
void AddYes(CLI::App& command);
void AddOrgOption(CLI::App& command);  // --org (or LATCHKEY_ORG), required
// One of the two at most.
void AddExclusion(CLI::App& command, const char* name, const char* other);
// How many values a list takes.
void AddMost(CLI::App& command, const char* name, int most);

// Says what went wrong, sets the exit code. Output that could not be written is a failure too.
void End(const base::Status& done, Context& context);
// 0 ok, 1 failed, 2 wrong use, 3 not found, 4 exists or conflict, 5 not now.
int ExitCodeOf(base::Code code);

}  // namespace ctl
