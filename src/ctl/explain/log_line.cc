#include "ctl/explain/log_line.h"

#include <algorithm>
#include <array>

#include "base/number.h"
#include "ctl/print/text.h"

namespace ctl {

namespace {

constexpr std::size_t kStampBytes = 24;  // 2026-11-25T01:02:03.456Z
constexpr std::array<std::string_view, 4> kSeverities{"INFO", "WARN", "ERROR", "FATAL"};

// The next word, or what stands in quotes with \" and \\ in it; removed from `*text`.
std::string TakeWord(std::string_view* text) {
  while (text->starts_with(' ')) text->remove_prefix(1);
  std::string word;
  bool is_quoted = false;
  std::size_t i = 0;
  for (; i < text->size(); ++i) {
    const char c = (*text)[i];
    if (c == '"') {
      is_quoted = !is_quoted;
    } else if (c == ' ' && !is_quoted) {
      break;
    } else if (c == '\\' && is_quoted && i + 1 < text->size() &&
               ((*text)[i + 1] == '"' || (*text)[i + 1] == '\\')) {
      word.push_back((*text)[++i]);
    } else {
      word.push_back(c);
    }
  }
  text->remove_prefix(i);
  return word;
}

std::pair<std::string, std::string> SplitField(const std::string& word) {
  const std::size_t equals = std::min(word.find('='), word.size());
  return {word.substr(0, equals), word.substr(std::min(equals + 1, word.size()))};
}

std::optional<base::Time> TimeOf(std::string_view text) {
  const auto time = ParseRfc3339(text);
  return time.ok() ? std::optional(*time) : std::nullopt;
}

void SetField(const std::pair<std::string, std::string>& field, AccessLine* line) {
  const auto& [key, value] = field;
  if (key == "host") line->host = value;
  if (key == "s") line->seconds = value;
  if (key == "upstream_s") line->upstream_seconds = value;
  if (key == "one_of") line->one_of = value;
  if (key == "error" && value != "-") line->error = value;
}

// nginx writes an upstream's times as "0.001, 0.002": the blank belongs to the value.
void TakeFields(std::string_view text, AccessLine* line) {
  while (!text.empty()) {
    std::string word = TakeWord(&text);
    while (word.ends_with(',') || word.ends_with(" :")) word += " " + TakeWord(&text);
    SetField(SplitField(word), line);
  }
}

// Where a time of our own form stands in the line, followed by one of our severities.
std::optional<std::size_t> FindStamp(std::string_view line) {
  for (std::size_t at = line.find('T'); at != std::string_view::npos; at = line.find('T', at + 1)) {
    if (at < 10 || at - 10 + kStampBytes >= line.size()) continue;
    const std::size_t begin = at - 10;
    if (line[begin + kStampBytes - 1] != 'Z' || line[begin + kStampBytes] != ' ') continue;
    if (TimeOf(line.substr(begin, kStampBytes))) return begin;
  }
  return std::nullopt;
}

}  // namespace

std::optional<AccessLine> ParseAccessLine(std::string_view text) {
  AccessLine line;
  const auto time = TimeOf(TakeWord(&text));
  if (!time) return std::nullopt;
  line.time = *time;
  line.address = TakeWord(&text);
  line.method = TakeWord(&text);
  line.path = TakeWord(&text);
  const auto status = base::ParseNumber<int>(TakeWord(&text));
  if (!status || *status < 100) return std::nullopt;
  line.status = *status;
  TakeFields(text, &line);
  return line;
}

std::string EventLine::Get(std::string_view key) const {
  const auto found =
      std::ranges::find_if(fields, [&](const auto& field) { return field.first == key; });
  return found == fields.end() ? std::string() : found->second;
}

std::optional<EventLine> ParseEventLine(std::string_view text) {
  const auto stamp = FindStamp(text);
  if (!stamp) return std::nullopt;
  EventLine line;
  line.time = *TimeOf(text.substr(*stamp, kStampBytes));
  text.remove_prefix(*stamp + kStampBytes);
  line.severity = TakeWord(&text);
  if (std::ranges::find(kSeverities, line.severity) == kSeverities.end()) return std::nullopt;
  line.process = TakeWord(&text);
  line.event = TakeWord(&text);
  if (line.event.empty()) return std::nullopt;
  while (!text.empty()) {
    const std::string word = TakeWord(&text);
    if (!word.empty()) line.fields.push_back(SplitField(word));
  }
  return line;
}

}  // namespace ctl
