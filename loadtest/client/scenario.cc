#include "client/scenario.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <sstream>

namespace load {

namespace {

using base::Code;
using base::Result;
using base::Status;

// The words of a spec as they stand, before they become a RequestKind.
struct Words {
  std::string method = "GET";
  std::string path;
  std::string type;
  std::string tokens_path;
  std::string bodies_path;
};

template <class Number>
Status SetNumber(const std::string& word, const std::string& value, Number* out) {
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), *out);
  if (error != std::errc() || end != value.data() + value.size()) {
    return {Code::kInvalid, word + ": needs a number"};
  }
  return {};
}

Status SetSave(const std::string& word, const std::string& value, RequestKind* kind) {
  const std::size_t colon = value.find(':');
  if (colon == std::string::npos) return {Code::kInvalid, word + ": needs MEMBER:FILE"};
  kind->save_name = value.substr(0, colon);
  kind->save_path = value.substr(colon + 1);
  return {};
}

Status SetOnce(const std::string& word, const std::string& value, RequestKind* kind) {
  if (value != "yes" && value != "no") return {Code::kInvalid, word + ": needs yes or no"};
  kind->once = value == "yes";
  return {};
}

Status SetWord(const std::string& word, Words* words, RequestKind* kind) {
  const std::size_t equals = word.find('=');
  const std::string name = word.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
  if (name == "weight") return SetNumber(word, value, &kind->weight);
  if (name == "status") return SetNumber(word, value, &kind->status);
  if (name == "once") return SetOnce(word, value, kind);
  if (name == "save") return SetSave(word, value, kind);
  const std::pair<std::string_view, std::string*> texts[] = {
      {"name", &kind->name},           {"method", &words->method},
      {"path", &words->path},          {"type", &words->type},
      {"tokens", &words->tokens_path}, {"bodies", &words->bodies_path},
      {"contains", &kind->contains},   {"answer-type", &kind->answer_type}};
  for (const auto& [known, target] : texts) {
    if (name != known) continue;
    *target = value;
    return {};
  }
  return {Code::kInvalid, word + ": no such word"};
}

Result<std::vector<std::string>> ReadLines(const std::string& path) {
  std::ifstream file(path);
  if (!file) return base::ErrnoStatus("read " + path, errno);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  if (lines.empty()) return Status(Code::kInvalid, path + " has no lines");
  return lines;
}

std::string Head(const Words& words, std::string_view host) {
  std::string head = words.method + " " + words.path + " HTTP/1.1\r\nHost: ";
  head.append(host).append("\r\n");
  if (!words.type.empty()) head.append("Content-Type: ").append(words.type).append("\r\n");
  return head;
}

Result<std::vector<std::string>> Variants(const Words& words) {
  if (!words.tokens_path.empty()) {
    auto lines = ReadLines(words.tokens_path);
    if (!lines.ok()) return lines.error();
    for (std::string& line : *lines) line = "Authorization: Bearer " + line + "\r\n\r\n";
    return lines;
  }
  if (!words.bodies_path.empty()) {
    auto lines = ReadLines(words.bodies_path);
    if (!lines.ok()) return lines.error();
    for (std::string& line : *lines) {
      line = "Content-Length: " + std::to_string(line.size()) + "\r\n\r\n" + line;
    }
    return lines;
  }
  return std::vector<std::string>{"\r\n"};
}

Result<RequestKind> ParseKind(const std::string& spec, std::string_view host) {
  RequestKind kind;
  Words words;
  std::istringstream stream(spec);
  for (std::string word; stream >> word;) {
    if (Status status = SetWord(word, &words, &kind); !status.ok()) return status;
  }
  if (words.path.empty()) return Status(Code::kInvalid, spec + ": needs path=");
  if (!words.tokens_path.empty() && !words.bodies_path.empty()) {
    return Status(Code::kInvalid, spec + ": tokens= and bodies= exclude each other");
  }
  if (kind.once && words.tokens_path.empty() && words.bodies_path.empty()) {
    return Status(Code::kInvalid, spec + ": once= needs tokens= or bodies=");
  }
  auto variants = Variants(words);
  if (!variants.ok()) return variants.error();
  kind.variants = std::move(*variants);
  kind.head = Head(words, host);
  return kind;
}

}  // namespace

const RequestKind& Scenario::Choose(std::uint64_t random, std::size_t* index) const {
  auto left = static_cast<std::uint32_t>(random % weights);
  *index = 0;
  while (left >= kinds[*index].weight) left -= kinds[(*index)++].weight;
  return kinds[*index];
}

Result<Scenario> ParseScenario(const std::vector<std::string>& specs, std::string_view host) {
  Scenario scenario;
  for (const std::string& spec : specs) {
    auto kind = ParseKind(spec, host);
    if (!kind.ok()) return kind.error();
    scenario.weights += kind->weight;
    scenario.kinds.push_back(std::move(*kind));
  }
  if (scenario.weights == 0) return Status(Code::kInvalid, "needs a request with a weight");
  return scenario;
}

}  // namespace load
