#include "ctl/args.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

namespace ctl {

CLI::App& AddDescribed(CLI::App& parent, const CommandSpec& spec) {
  CLI::App* command = parent.add_subcommand(spec.name, spec.description);
  std::string footer = "Examples:\n";
  std::string_view rest(spec.examples);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    footer.append("  ").append(rest.substr(0, end)).append("\n");
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  command->footer(footer);
  return *command;
}

void End(const base::Status& done, Context& context) {
  // A script must not take half a table for the whole.
  const bool printed = static_cast<bool>(std::cout.flush());
  const base::Status status =
      done.ok() && !printed
          ? base::Status(base::Code::kFull, "the result could not be written to standard output")
          : done;
  context.Finish(status);
  if (!status.ok()) context.exit_code = ExitCodeOf(status.code());
}

bool Args::Has(const char* name) const { return app_.get_option(name)->count() > 0; }

std::string Args::Text(const char* name) const { return OptionalText(name).value_or(""); }

std::optional<std::string> Args::OptionalText(const char* name) const {
  const auto& values = app_.get_option(name)->results();
  return values.empty() ? std::nullopt : std::optional(values.front());
}

std::vector<std::string> Args::List(const char* name) const {
  return app_.get_option(name)->results();
}

std::int64_t Args::Number(const char* name, std::int64_t otherwise) const {
  return OptionalNumber(name).value_or(otherwise);
}

std::optional<std::int64_t> Args::OptionalNumber(const char* name) const {
  if (!Has(name)) return std::nullopt;
  return app_.get_option(name)->as<std::int64_t>();
}

CLI::App& AddCommand(CLI::App& parent, Context& context, const CommandSpec& spec,
                     const Action& action) {
  CLI::App& command = AddDescribed(parent, spec);
  command.callback([&command, &context, action] { End(action(Args(command), context), context); });
  return command;
}

CLI::App& AddNoun(CLI::App& app, const CommandSpec& spec) {
  CLI::App& noun = AddDescribed(app, spec);
  noun.require_subcommand(1);
  return noun;
}

void AddText(CLI::App& command, const char* name, const char* type,
             const std::string& description) {
  command.add_option(name)->description(description)->type_name(type);
}

void AddRequired(CLI::App& command, const char* name, const char* type, const char* description) {
  command.add_option(name)->description(description)->type_name(type)->required();
}

void AddList(CLI::App& command, const char* name, const char* type, const char* description) {
  command.add_option(name)
      ->description(description)
      ->type_name(type)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void AddNumber(CLI::App& command, const char* name, std::int64_t least, std::int64_t most,
               const char* type, const char* description) {
  command.add_option(name)
      ->description(description)
      ->check(CLI::Range(least, most))
      ->type_name(type);
}

void AddFlag(CLI::App& command, const char* name, const char* description) {
  command.add_flag(name)->description(description);
}

void AddChoice(CLI::App& command, const char* name, const std::vector<std::string>& choices,
               const char* description) {
  command.add_option(name)->description(description)->check(CLI::IsMember(choices));
}

void AddYes(CLI::App& command) { AddFlag(command, "--yes", "do not ask"); }

void AddOrgOption(CLI::App& command) {
  command.add_option("--org")
      ->description("the organization's slug")
      ->type_name("SLUG")
      ->envname("LATCHKEY_ORG")
      ->required();
}

void AddExclusion(CLI::App& command, const char* name, const char* other) {
  command.get_option(name)->excludes(other);
}

void AddMost(CLI::App& command, const char* name, int most) {
  // Without extra arguments a positional takes one, whatever is expected.
  command.get_option(name)->expected(1, most)->allow_extra_args();
}

int ExitCodeOf(base::Code code) {
  switch (code) {
    case base::Code::kOk:
      return kExitOk;
    case base::Code::kInvalid:
      return kExitUsage;
    case base::Code::kNotFound:
      return kExitNotFound;
    case base::Code::kExists:
    case base::Code::kConflict:
      return kExitConflict;
    case base::Code::kUnavailable:
    case base::Code::kFull:
      return kExitUnavailable;
    case base::Code::kDenied:
    case base::Code::kExpired:
    case base::Code::kCorrupt:
    case base::Code::kInternal:
      return kExitFailed;
  }
  return kExitFailed;
}

}  // namespace ctl
