#include "ctl/print/table.h"

#include <algorithm>
#include <cstdint>

#include "ctl/print/text.h"

namespace ctl {

namespace {

constexpr std::string_view kGap = "  ";

struct Cell {
  std::string text;
  bool right = false;
};
using Line = std::vector<Cell>;

struct CellOf {
  std::string operator()(std::nullptr_t) const { return "-"; }
  std::string operator()(bool value) const { return value ? "yes" : "no"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(const json::Number& value) const { return value.text; }
  std::string operator()(const std::string& value) const {
    return value.empty() ? "-" : Printable(value);
  }
  std::string operator()(const JsonArray& array) const {
    std::string text;
    for (const Json& item : array) {
      if (!text.empty()) text += ", ";
      text += CellText(item);
    }
    return text.empty() ? "-" : text;
  }
  std::string operator()(const JsonObject& object) const {
    std::string text;
    for (const JsonMember& member : object) {
      if (!text.empty()) text += ", ";
      text += Printable(member.key) + "=" + CellText(member.value);
    }
    return text.empty() ? "-" : text;
  }
};

Line LineOf(const Json& object, const std::vector<Column>& columns) {
  Line line;
  for (const Column& column : columns) {
    const Json* member = object.Find(column.key);
    const bool number = member != nullptr && std::holds_alternative<std::int64_t>(member->value());
    line.push_back({member == nullptr ? "-" : CellText(*member), number});
  }
  return line;
}

// Headings stand as their column's values do.
Line HeadingLine(const std::vector<Column>& columns, const Line& first) {
  Line line;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    line.push_back({std::string(columns[i].heading), first[i].right});
  }
  return line;
}

std::vector<std::size_t> WidthsOf(const std::vector<Line>& lines) {
  std::vector<std::size_t> widths(lines.front().size(), 0);
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(line[i].text));
    }
  }
  return widths;
}

void AppendLine(const Line& line, const std::vector<std::size_t>& widths, std::string* out) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    const std::string padding(widths[i] - DisplayWidth(line[i].text), ' ');
    if (i > 0) out->append(kGap);
    if (line[i].right) out->append(padding);
    out->append(line[i].text);
    if (!line[i].right && i + 1 < line.size()) out->append(padding);
  }
  out->push_back('\n');
}

}  // namespace

std::string CellText(const Json& json) { return std::visit(CellOf{}, json.value()); }

std::string TableText(const JsonArray& objects, const std::vector<Column>& columns,
                      std::string_view nothing) {
  if (objects.empty()) return std::string(nothing) + "\n";
  std::vector<Line> lines;
  lines.push_back(HeadingLine(columns, LineOf(objects.front(), columns)));
  for (const Json& object : objects) lines.push_back(LineOf(object, columns));
  const std::vector<std::size_t> widths = WidthsOf(lines);
  std::string text;
  for (const Line& line : lines) AppendLine(line, widths, &text);
  return text;
}

std::string FieldsText(const JsonObject& object) {
  std::size_t widest = 0;
  for (const JsonMember& member : object) widest = std::max(widest, DisplayWidth(member.key));
  std::string text;
  for (const JsonMember& member : object) {
    std::string key = member.key;
    std::replace(key.begin(), key.end(), '_', ' ');
    text += key + ":" + std::string(widest - DisplayWidth(key) + 2, ' ') + CellText(member.value) +
            "\n";
  }
  return text;
}

}  // namespace ctl
