// JSON (RFC 8259) of strangers: what is taken is JSON by the book, every text in it UTF-8 and every number what was
// written, and what is written of it is read again.
#include "json/value.h"

#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "fuzz/grammar.h"
#include "fuzz/json_text.h"
#include "json/plain_object.h"

namespace fuzz {

namespace {

// Containers lie in each other kMaxDepth deep at most, so that this ends.
void Check(const json::Value& value, std::size_t depth) {
  Require(depth <= json::kMaxDepth, "depth is bounded");
  if (const auto text = value.Text()) Require(base::IsUtf8(*text), "a text is UTF-8");
  if (const auto* number = std::get_if<json::Number>(&value.value())) {
    Require(JsonText::IsValid(number->text), "a number is one");
  }
  if (const auto real = value.Real()) Require(*real >= -1e15 && *real <= 1e15, "and bounded");
  if (const auto* array = std::get_if<json::Array>(&value.value())) {
    for (const json::Value& item : *array) Check(item, depth + 1);
  }
  const auto* object = std::get_if<json::Object>(&value.value());
  if (object == nullptr) return;
  for (const json::Member& member : *object) {
    Require(base::IsUtf8(member.key), "a name is UTF-8");
    Require(value.Find(member.key) != nullptr, "a member is found");
    (void)value.Text(member.key);
    (void)value.Number(member.key);
    Check(member.value, depth + 1);
  }
}

// The short way reads what the parser reads, and leaves it the rest.
void CheckPlain(std::string_view bytes) {
  const auto plain = json::ReadPlainObject(bytes);
  if (!plain) return;
  json::Object members;
  for (const auto& [key, value] : *plain) members.push_back({std::string(key), value});
  const auto parsed = json::Parse(bytes);
  Require(parsed.ok() && json::ToLine(*parsed) == json::ToLine(json::Value(members)),
          "a plain object is what the parser makes of it");
}

}  // namespace

std::string Grow(Random& random) {
  if (random.OneIn(8)) return JsonDepth(random);
  return random.OneIn(3) ? JsonValue(random, 4) : JsonObject(random, {"a", "exp", "keys"});
}

void FuzzOne(std::string_view bytes) {
  Require(JsonText::IsValid(json::ToLine(json::Value(bytes))), "any text is written as JSON");
  CheckPlain(bytes);
  const auto value = json::Parse(bytes);
  if (!value.ok()) return;
  Require(JsonText::IsValid(bytes), "what is taken is JSON");
  Check(*value, 0);
  const std::string line = json::ToLine(*value);
  const auto again = json::Parse(line);
  Require(again.ok() && json::ToLine(*again) == line, "what is written is read again");
  const auto indented = json::Parse(json::ToText(*value));
  Require(indented.ok() && json::ToLine(*indented) == line, "indented, too");
}

}  // namespace fuzz
