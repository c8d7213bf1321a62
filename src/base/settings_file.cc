#include "base/settings_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

// Its parser asserts what files need not keep to ("[=]"). That is an error of the file: processes read it
// while they serve.
[[noreturn]] static void ThrowTomlAssertion(const char* condition) {
  throw std::logic_error(condition);
}
#define TOML_EXCEPTIONS 1
#define TOML_ASSERT(condition) ((condition) ? static_cast<void>(0) : ThrowTomlAssertion(#condition))
#include <toml++/toml.h>

#include "base/nearest.h"
#include "base/setting_rows.h"

namespace base {

namespace {

constexpr std::size_t kMostBytes = 1 << 20;

std::string Where(const std::string& path, std::size_t line) {
  return path + ":" + std::to_string(line);
}

Result<std::string> ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  std::array<char, 4096> part{};
  while (file && text.size() <= kMostBytes) {
    file.read(part.data(), part.size());
    text.append(part.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (text.size() > kMostBytes) return Status(Code::kInvalid, path + " is longer than 1 MB");
  if (!file.eof()) return ErrnoStatus("read " + path, errno);
  return text;
}

bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// Past the text in quotes at the front of `rest`; false if it does not end on this line.
bool SkipQuoted(std::string_view* rest) {
  const char quote = rest->front();
  for (std::size_t i = 1; i < rest->size(); ++i) {
    if ((*rest)[i] == '\\' && quote == '"') {
      ++i;
    } else if ((*rest)[i] == quote) {
      rest->remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

// What is wrong with a line, "" if nothing. Asks for more than TOML does: toml++ asks of characters that are not ASCII
// whether they are spaces, and the answer is undefined for most letters of Europe (3.3 and 3.4). It asks so outside of
// quotes, and where it comes upon an error also inside of what looks like quotes (`80"é"`). No setting needs a text of
// several lines.
std::string_view WrongWithLine(std::string_view line) {
  const std::string_view whole = line;
  while (!line.empty() && line.front() != '#') {
    const bool is_quote = line.front() == '"' || line.front() == '\'';
    if (!is_quote) {
      line.remove_prefix(1);
    } else if (line.starts_with("\"\"\"") || line.starts_with("'''") || !SkipQuoted(&line)) {
      return "a text in quotes must end on its line";
    }
  }
  const std::string_view code = whole.substr(0, whole.size() - line.size());
  if (!std::all_of(code.begin(), code.end(), IsAscii)) {
    return "outside of comments only ASCII is read: does the line hold a space or a quote that was "
           "copied from a page? Other letters are written by number (\"donn\\u00E9es\")";
  }
  return "";
}

Status CheckLines(const std::string& path, std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf"))
    text.remove_prefix(3);  // some editors begin a file with it, and TOML lets them
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (const std::string_view wrong = WrongWithLine(line); !wrong.empty()) {
      return WrongSetting(Where(path, number), "syntax:", wrong);
    }
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return {};
}

Status SetFromToml(const SettingRow& row, const toml::node& node, const std::string& where,
                   Settings* settings) {
  if (std::holds_alternative<IntMember>(row.member)) {
    const auto value = node.value_exact<std::int64_t>();
    if (!value)
      return WrongSetting(where, row.name,
                          "must be a whole number (" + std::string(row.unit) + ")");
    return SetInt(row, *value, where, settings);
  }
  const auto value = node.value_exact<std::string>();
  if (!value) return WrongSetting(where, row.name, "must be a text in quotes");
  settings->*std::get<TextMember>(row.member) = *value;
  return {};
}

const SettingRow* FindRow(std::string_view section, std::string_view name) {
  for (const SettingRow& row : SettingRows()) {
    if (row.section == section && row.name == name) return &row;
  }
  return nullptr;
}

// What to do about a name that `section` does not have.
std::string HintFor(std::string_view section, std::string_view name) {
  std::vector<std::string> names;
  for (const SettingRow& row : SettingRows()) {
    if (row.name == name) return "it stands in [" + std::string(row.section) + "]";
    if (row.section == section) names.emplace_back(row.name);
  }
  const std::string nearest = NearestName(name, names);
  return nearest.empty() ? "see `latchkey settings`" : "did you mean " + nearest + "?";
}

Status ReadSection(const std::string& path, std::string_view section, const toml::table& table,
                   Settings* settings) {
  for (const auto& [key, node] : table) {
    const std::string where = Where(path, node.source().begin.line);
    const SettingRow* row = FindRow(section, key.str());
    if (row == nullptr) {
      return WrongSetting(
          where, key.str(),
          "is no setting of [" + std::string(section) + "]: " + HintFor(section, key.str()));
    }
    if (Status status = SetFromToml(*row, node, where, settings); !status.ok()) return status;
  }
  return {};
}

Result<toml::table> Parse(const std::string& path) {
  const Result<std::string> text = ReadText(path);
  if (!text.ok()) return text.error();
  if (Status status = CheckLines(path, *text); !status.ok()) return status;
  try {
    return toml::parse(*text);
  } catch (const toml::parse_error& error) {
    return WrongSetting(Where(path, error.source().begin.line), "syntax:", error.description());
  } catch (const std::logic_error&) {
    return WrongSetting(path, "syntax:", "this is no TOML");
  }
}

}  // namespace

Status ReadSettingsFile(const std::string& path, Settings* settings) {
  const Result<toml::table> parsed = Parse(path);
  if (!parsed.ok()) return parsed.error();
  for (const auto& [key, node] : *parsed) {
    const toml::table* section = node.as_table();
    if (section == nullptr) {
      return WrongSetting(Where(path, node.source().begin.line), key.str(),
                          "must stand in a [section]");
    }
    if (Status status = ReadSection(path, key.str(), *section, settings); !status.ok())
      return status;
  }
  return {};
}

}  // namespace base
