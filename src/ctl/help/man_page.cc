#include "ctl/help/man_page.h"

#include <string_view>

#include "base/processes.h"
#include "ctl/command.h"

namespace ctl {

namespace {

// What roff would take for itself: a backslash anywhere, a dot or quote at a line's beginning, a
// dash that must stay one.
std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool begins_line = out.empty() || out.back() == '\n';
    if (begins_line && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string Head(std::string_view name, std::string_view section, std::string_view purpose) {
  std::string text = ".TH ";
  text.append(name).append(" ").append(section).append(" \"\" \"latchkey ").append(kVersion);
  text.append("\" Latchkey\n.SH NAME\n").append(Escaped(name)).append(" \\- ");
  return text + Escaped(purpose) + "\n";
}

std::string Section(std::string_view title) { return ".SH " + std::string(title) + "\n"; }

std::string Item(std::string_view term, std::string_view type, std::string_view text) {
  std::string out = ".TP\n.B " + Escaped(term);
  if (!type.empty()) out += " \\fI" + Escaped(type) + "\\fR";
  return out + "\n" + Escaped(text) + "\n";
}

std::string Options(const CommandHelp& command) {
  std::string text;
  for (const OptionHelp& option : command.options) {
    if (option.name == "--help") continue;
    text += Item(option.name, option.type, option.help + (option.is_required ? " (required)" : ""));
  }
  return text;
}

std::string Examples(const CommandHelp& command) {
  if (command.examples.empty()) return "";
  std::string text = ".PP\n.nf\n";
  for (const std::string& line : command.examples) text += Escaped(line) + "\n";
  return text + ".fi\n";
}

std::string Literal(std::string_view text) { return Escaped(text) + "\n"; }

// "latchkey-writer, latchkey-api, latchkey-login"
std::string UnitNames() {
  std::string names;
  for (const base::Process& process : base::kProcesses) {
    if (!process.is_ours()) continue;
    names += (names.empty() ? "latchkey-" : ", latchkey-") + std::string(process.name);
  }
  return names;
}

}  // namespace

std::string CommandPage(const std::vector<CommandHelp>& tree) {
  const CommandHelp& whole = tree.front();
  std::string page = Head("latchkey", "1", "single sign-on for a suite of products");
  page += Section("SYNOPSIS") + ".B latchkey\n[\\fIOPTIONS\\fR] \\fICOMMAND\\fR ...\n";
  page += Section("DESCRIPTION") + Literal(whole.help) +
          Literal(
              "Changes are sent to the running writer and durable when the command returns; "
              "lists need no server. It takes the owner of the data folder, or root.");
  page += Section("OPTIONS") + Options(whole);
  page += Section("COMMANDS");
  for (const CommandHelp& command : tree) {
    if (command.path.empty()) continue;
    page += ".SS " + Escaped("latchkey " + command.path) + "\n" + Literal(command.help);
    page += Options(command) + Examples(command);
  }
  page += Section("EXIT STATUS") + Item("0", "", "done") +
          Item("1", "", "understood, and did not work") + Item("2", "", "wrong use") +
          Item("3", "", "what was named is not there") +
          Item("4", "", "it exists already, or its state does not allow the change") +
          Item("5", "", "not now: trying again is right");
  page += Section("FILES") + Item(kInstalledConfig, "", "settings, see latchkey.toml(5)");
  return page + Section("SEE ALSO") + Literal("latchkey.toml(5), latchkey-worker(8)");
}

std::string SettingsPage(const std::vector<base::SettingHelp>& settings) {
  std::string page = Head("latchkey.toml", "5", "settings of Latchkey");
  page += Section("DESCRIPTION") +
          Literal(
              "A TOML file, checked as a whole at start; what is wrong is named with its line. "
              "A variable of the environment overrides what stands in it.");
  std::string_view section;
  for (const base::SettingHelp& setting : settings) {
    if (setting.section != section) page += Section("[" + setting.section + "]");
    section = setting.section;
    std::string text = setting.help + " (" + setting.unit;
    if (!setting.range.empty()) text += ", " + setting.range;
    text += "). ";
    if (!setting.default_value.empty()) text += "Default: " + setting.default_value + ". ";
    page += Item(setting.name, "", text + "Variable: " + setting.environment + ".");
  }
  return page + Section("SEE ALSO") + Literal("latchkey(1), latchkey-worker(8)");
}

std::string DaemonsPage() {
  std::string page = Head("latchkey-worker", "8", "answers HTTP requests, which nginx passes on");
  page += Section("SYNOPSIS") +
          ".B latchkey\\-worker \\-\\-pool api|login\n[\\-\\-config \\fIFILE\\fR] [\\-\\-data "
          "\\fIDIR\\fR]\n"
          ".PP\n.B latchkey\\-writer\n[\\-\\-config \\fIFILE\\fR] [\\-\\-data \\fIDIR\\fR]\n";
  page += Section("DESCRIPTION") +
          Literal(
              "latchkey-writer is the only process that writes the database; the pools of "
              "latchkey-worker read it and send their changes to the writer. All of them are "
              "started by systemd (latchkey.target) or by `latchkey run`, which own the "
              "sockets: a restart never closes a queue.");
  page += Section("SIGNALS") +
          Item("SIGHUP", "", "a pool checks the settings, then replaces its children one by one") +
          Item("SIGTERM", "", "stops: what is in hand is answered");
  page += Section("UNITS") +
          Item("latchkey.target", "", "all of it: systemctl enable --now latchkey.target") +
          Item(UnitNames(), "", "a .socket and a .service each, restarted alone") +
          Item("latchkey-backup.timer, latchkey-keys.timer", "", "backup and key rotation") +
          Item("latchkey-logrotate.timer", "", "the size of nginx's logs, with the target");
  return page + Section("SEE ALSO") + Literal("latchkey(1), latchkey.toml(5)");
}

}  // namespace ctl
