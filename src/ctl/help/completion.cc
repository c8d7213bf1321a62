#include "ctl/help/completion.h"

namespace ctl {

namespace {

// What may stand behind a command: those below it, its options and the shared ones.
std::string WordsOf(const CommandHelp& command, const CommandHelp& whole) {
  std::string words;
  const auto add = [&words](const std::string& word) {
    words += (words.empty() ? "" : " ") + word;
  };
  for (const std::string& verb : command.verbs) add(verb);
  for (const OptionHelp& option : command.options) {
    if (option.name.starts_with("--")) add(option.name);
  }
  if (&command == &whole) return words;
  for (const OptionHelp& option : whole.options) {
    if (option.name != "--help" && option.name != "--version") add(option.name);
  }
  return words;
}

// case lines that take `at` one command further, and those that name what may come next.
std::string PathCases(const std::vector<CommandHelp>& tree) {
  std::string lines;
  for (const CommandHelp& command : tree) {
    if (!command.path.empty()) {
      lines += (lines.empty() ? "      \"" : " | \\\n      \"") + command.path + "\"";
    }
  }
  return lines + ") at=\"${at:+$at }$word\" ;;\n";
}

std::string WordCases(const std::vector<CommandHelp>& tree) {
  std::string lines;
  for (const CommandHelp& command : tree) {
    lines += "    \"" + command.path + "\") list=\"" + WordsOf(command, tree.front()) + "\" ;;\n";
  }
  return lines;
}

// Leaves in `list` what may come next. `words`: those between the program and the cursor, in the
// shell's own words.
std::string FindList(const std::string& words, const std::vector<CommandHelp>& tree) {
  return "  local at= list= word\n"
         "  for word in " +
         words +
         "; do\n"
         "    case \"${at:+$at }$word\" in\n" +
         PathCases(tree) +
         "    esac\n"
         "  done\n"
         "  case \"$at\" in\n" +
         WordCases(tree) + "  esac\n";
}

}  // namespace

std::string BashCompletion(const std::vector<CommandHelp>& tree) {
  return "# bash completion of latchkey, by `latchkey completion bash`\n"
         "_latchkey() {\n" +
         FindList("\"${COMP_WORDS[@]:1:COMP_CWORD-1}\"", tree) +
         "  mapfile -t COMPREPLY < <(compgen -W \"$list\" -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
         "}\n"
         "complete -o default -F _latchkey latchkey\n";
}

std::string ZshCompletion(const std::vector<CommandHelp>& tree) {
  return "#compdef latchkey\n"
         "# zsh completion of latchkey, by `latchkey completion zsh`\n"
         "_latchkey() {\n" +
         FindList("\"${(@)words[2,CURRENT-1]}\"", tree) +
         "  compadd -- ${=list} || _files\n"
         "}\n"
         "_latchkey \"$@\"\n";
}

}  // namespace ctl
