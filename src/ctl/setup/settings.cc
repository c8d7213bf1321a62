// `latchkey settings`: every setting with its unit, default and range; or a file to start from.
#include <CLI/CLI.hpp>
#include <cctype>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include "ctl/commands.h"
#include "ctl/print/json.h"
#include "ctl/print/table.h"

namespace ctl {

namespace {

using base::SettingHelp;

JsonObject AsJson(const SettingHelp& help) {
  return {{"section", help.section},
          {"name", help.name},
          {"environment", help.environment},
          {"unit", help.unit},
          {"default", help.default_value},
          {"range", help.range},
          {"help", help.help}};
}

bool IsNumber(const SettingHelp& help) { return !help.range.empty(); }

// Every line a comment that states the default: taking the # away changes nothing.
std::string AsToml(const std::vector<SettingHelp>& rows) {
  std::string text =
      "# Settings of Latchkey. Each line shows a default; LATCHKEY_NAME in the\n"
      "# environment overrides what stands here.\n";
  std::string_view section;
  for (const SettingHelp& help : rows) {
    if (help.section != section) text += "\n[" + help.section + "]\n";
    section = help.section;
    const std::string quote = IsNumber(help) ? "" : "\"";
    text += "# " + help.help + " (" + help.unit;
    if (IsNumber(help)) text += ", " + help.range;
    text += ")\n# " + help.name + " = " + quote + help.default_value + quote + "\n";
  }
  return text;
}

std::string Render(bool as_toml, const Context& context) {
  const auto rows = base::DescribeSettings();
  if (as_toml) return AsToml(rows);
  JsonArray objects;
  for (const SettingHelp& help : rows) objects.emplace_back(AsJson(help));
  if (context.json()) return ToText(objects);
  return TableText(objects,
                   {{"section", "SECTION"},
                    {"name", "NAME"},
                    {"default", "DEFAULT"},
                    {"unit", "UNIT"},
                    {"range", "RANGE"},
                    {"environment", "ENVIRONMENT"},
                    {"help", "WHAT IT IS"}},
                   "");
}

}  // namespace

void RegisterSettings(CLI::App& app, Context& context) {
  auto as_toml = std::make_shared<bool>(false);
  CLI::App* settings =
      app.add_subcommand("settings", "Show every setting, its unit, default and range");
  settings->add_flag("--toml", *as_toml, "as a settings file with every default as a comment");
  settings->footer(
      "Examples:\n  latchkey settings\n  latchkey settings --toml > var/latchkey.toml");
  settings->callback([as_toml, &context] { std::cout << Render(*as_toml, context); });
}

}  // namespace ctl
