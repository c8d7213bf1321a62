#include "json/object_writer.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

#include "json/plain_text.h"

namespace json {

namespace {

void AppendEscape(char c, std::string* out) {
  constexpr std::string_view kShort = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const std::size_t at = kShort.find(c);
  out->push_back('\\');
  if (at != std::string_view::npos) return out->push_back(kLetters[at]);
  const auto byte = static_cast<unsigned char>(c);
  out->append("u00").append({kDigits[byte >> 4U], kDigits[byte & 15U]});
}

}  // namespace

ObjectWriter& ObjectWriter::Number(std::string_view name, std::int64_t value) {
  Name(name);
  std::array<char, 20> digits{};  // -9223372036854775808
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out_.append(digits.data(), end);
  return *this;
}

ObjectWriter& ObjectWriter::Bool(std::string_view name, bool value) {
  Name(name);
  out_.append(value ? "true" : "false");
  return *this;
}

ObjectWriter& ObjectWriter::RawArray(std::string_view name,
                                     const std::vector<std::string>& values) {
  Name(name);
  char before = '[';
  for (const std::string& value : values) {
    out_.push_back(before);
    out_.append(value);
    before = ',';
  }
  EndArray(before);
  return *this;
}

std::string ObjectWriter::Take() {
  if (before_name_ == '{') out_.push_back('{');
  out_.push_back('}');
  return std::move(out_);
}

void ObjectWriter::Name(std::string_view name) {
  out_.push_back(std::exchange(before_name_, ','));
  String(name);
  out_.push_back(':');
}

void ObjectWriter::String(std::string_view value) {
  out_.push_back('"');
  for (;;) {
    const std::size_t plain = PlainBytes(value);
    out_.append(value, 0, plain);
    if (plain == value.size()) break;
    AppendEscape(value[plain], &out_);
    value.remove_prefix(plain + 1);
  }
  out_.push_back('"');
}

void ObjectWriter::EndArray(char before) {
  if (before == '[') out_.push_back('[');
  out_.push_back(']');
}

std::string TextObject(const std::vector<std::pair<std::string_view, std::string_view>>& members) {
  ObjectWriter writer;
  for (const auto& [name, value] : members) writer.OptionalText(name, value);
  return writer.Take();
}

}  // namespace json
