#include "ctl/print/json.h"

#include <rapidjson/memorystream.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cmath>
#include <limits>

#include "ctl/print/utf8.h"

namespace ctl {

namespace {

constexpr std::size_t kMaxDepth = 32;

// Replaces what is not UTF-8; control characters stay: JSON escapes them.
std::string ValidUtf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const std::size_t bytes = DecodeUtf8(text).bytes;
    valid.append(bytes > 0 ? text.substr(0, bytes) : std::string_view("\xef\xbf\xbd"));
    text.remove_prefix(bytes > 0 ? bytes : 1);
  }
  return valid;
}

template <class Writer>
void WriteText(std::string_view text, Writer* writer) {
  const std::string valid = ValidUtf8(text);
  writer->String(valid.data(), static_cast<rapidjson::SizeType>(valid.size()));
}

// One overload for each alternative of Json::Value.
template <class Writer>
struct Write {
  Writer* writer;

  void operator()(std::nullptr_t) const { writer->Null(); }
  void operator()(bool value) const { writer->Bool(value); }
  void operator()(std::int64_t value) const { writer->Int64(value); }
  void operator()(const std::string& value) const { WriteText(value, writer); }
  void operator()(const JsonArray& array) const {
    writer->StartArray();
    for (const Json& item : array) std::visit(*this, item.value());
    writer->EndArray();
  }
  void operator()(const JsonObject& object) const {
    writer->StartObject();
    for (const auto& [key, value] : object) {
      WriteText(key, writer);
      std::visit(*this, value.value());
    }
    writer->EndObject();
  }
};

// Builds the value from RapidJSON's events; a handler that returns false ends the parse.
// Open containers lie on a stack, so that depth costs no C++ stack.
class Builder {
 public:
  bool Null() { return Add(Json()); }
  bool Bool(bool value) { return Add(Json(value)); }
  bool Int(int value) { return Add(Json(static_cast<std::int64_t>(value))); }
  bool Uint(unsigned value) { return Add(Json(static_cast<std::int64_t>(value))); }
  bool Int64(std::int64_t value) { return Add(Json(value)); }
  bool Uint64(std::uint64_t value) {  // whatever is above 32 bits; above 63 there is no place
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return false;
    return Add(Json(static_cast<std::int64_t>(value)));
  }
  bool Double(double value) {
    if (!(std::fabs(value) < 9e15)) return false;
    return Add(Json(static_cast<std::int64_t>(value)));
  }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return false; }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return Add(Json(std::string(text, size)));
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    open_.back().key.assign(text, size);
    return true;
  }
  bool StartObject() { return Open(Kind::kObject); }
  bool StartArray() { return Open(Kind::kArray); }
  bool EndObject(rapidjson::SizeType) { return Close(); }
  bool EndArray(rapidjson::SizeType) { return Close(); }

  Json Take() { return std::move(root_); }

 private:
  enum class Kind : std::uint8_t { kArray, kObject };
  struct Container {
    Kind kind;
    std::string key;  // of the member that comes next
    JsonArray items;
    JsonObject members;
  };

  bool Open(Kind kind) {
    if (open_.size() >= kMaxDepth) return false;
    open_.push_back({.kind = kind, .key = {}, .items = {}, .members = {}});
    return true;
  }
  bool Close() {
    Container done = std::move(open_.back());
    open_.pop_back();
    return Add(done.kind == Kind::kArray ? Json(std::move(done.items))
                                         : Json(std::move(done.members)));
  }
  bool Add(Json json) {
    if (open_.empty()) {
      root_ = std::move(json);
    } else if (open_.back().kind == Kind::kArray) {
      open_.back().items.push_back(std::move(json));
    } else {
      open_.back().members.push_back({std::move(open_.back().key), std::move(json)});
    }
    return true;
  }

  std::vector<Container> open_;
  Json root_;
};

}  // namespace

Json::Json(JsonArray value) : value_(std::move(value)) {}
Json::Json(JsonObject value) : value_(std::move(value)) {}

Json Json::List(const std::vector<std::string>& items) {
  return JsonArray(items.begin(), items.end());
}

const Json* Json::Find(std::string_view key) const {
  const auto* object = std::get_if<JsonObject>(&value_);
  if (object == nullptr) return nullptr;
  for (const JsonMember& member : *object) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

std::optional<std::string> Json::Text(std::string_view key) const {
  const Json* member = Find(key);
  const auto* text = member == nullptr ? nullptr : std::get_if<std::string>(&member->value_);
  return text == nullptr ? std::nullopt : std::optional(*text);
}

std::optional<std::int64_t> Json::Number(std::string_view key) const {
  const Json* member = Find(key);
  const auto* number = member == nullptr ? nullptr : std::get_if<std::int64_t>(&member->value_);
  return number == nullptr ? std::nullopt : std::optional(*number);
}

std::string ToText(const Json& json) {
  rapidjson::StringBuffer buffer;
  using Writer = rapidjson::PrettyWriter<rapidjson::StringBuffer>;
  Writer writer(buffer);
  writer.SetIndent(' ', 2);
  std::visit(Write<Writer>{&writer}, json.value());
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

std::string ToLine(const Json& json) {
  rapidjson::StringBuffer buffer;
  using Writer = rapidjson::Writer<rapidjson::StringBuffer>;
  Writer writer(buffer);
  std::visit(Write<Writer>{&writer}, json.value());
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

base::Result<Json> ParseJson(std::string_view text) {
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::MemoryStream memory(text.data(), text.size());
  rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream(memory);
  rapidjson::Reader reader;
  Builder builder;
  if (!reader.Parse<kFlags>(stream, builder)) {
    return base::Status(base::Code::kCorrupt, "no JSON that this program reads");
  }
  return builder.Take();
}

}  // namespace ctl
