#include "json/plain_object.h"

#include <cstddef>

#include "base/utf8.h"
#include "json/plain_text.h"

namespace json {

namespace {

constexpr std::size_t kUsualMembers = 8;

class PlainReader {
 public:
  explicit PlainReader(std::string_view text) : rest_(text) {}

  // This character comes next, but for white space, and was taken.
  bool Take(char c) {
    SkipSpace();
    return TakeHere(c);
  }
  std::optional<std::string_view> TakeText() {
    if (!Take('"')) return std::nullopt;
    const std::string_view text = rest_.substr(0, PlainBytes(rest_));
    rest_.remove_prefix(text.size());
    return TakeHere('"') ? std::optional(text) : std::nullopt;
  }
  bool IsAtEnd() {
    SkipSpace();
    return rest_.empty();
  }

 private:
  bool TakeHere(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void SkipSpace() {
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
  }

  std::string_view rest_;
};

}  // namespace

std::optional<PlainObject> ReadPlainObject(std::string_view text) {
  PlainReader reader(text);
  if (!reader.Take('{') || !base::IsUtf8(text)) return std::nullopt;
  PlainObject members;
  members.reserve(kUsualMembers);
  do {
    const auto key = reader.TakeText();
    if (!key || !reader.Take(':')) return std::nullopt;
    const auto value = reader.TakeText();
    if (!value) return std::nullopt;
    members.push_back({.key = *key, .value = *value});
  } while (reader.Take(','));
  if (!reader.Take('}') || !reader.IsAtEnd()) return std::nullopt;
  return members;
}

}  // namespace json
