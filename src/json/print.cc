#include "json/rapidjson.h"
// After it.
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "base/utf8.h"
#include "json/value.h"

namespace json {

namespace {

template <class Writer>
void WriteText(std::string_view text, Writer* writer) {
  const std::string clean = base::CleanUtf8(text);
  writer->String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
}

// One overload for each alternative of Value::Variant.
template <class Writer>
struct Write {
  Writer* writer;

  void operator()(std::nullptr_t) const { writer->Null(); }
  void operator()(bool value) const { writer->Bool(value); }
  void operator()(std::int64_t value) const { writer->Int64(value); }
  void operator()(const Number& number) const {
    writer->RawValue(number.text.data(), number.text.size(), rapidjson::kNumberType);
  }
  void operator()(const std::string& value) const { WriteText(value, writer); }
  void operator()(const Array& array) const {
    writer->StartArray();
    for (const Value& item : array) std::visit(*this, item.value());
    writer->EndArray();
  }
  void operator()(const Object& object) const {
    writer->StartObject();
    for (const auto& [key, value] : object) {
      WriteText(key, writer);
      std::visit(*this, value.value());
    }
    writer->EndObject();
  }
};

template <class Writer>
std::string Print(const Value& value, rapidjson::StringBuffer& buffer, Writer& writer) {
  std::visit(Write<Writer>{&writer}, value.value());
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

}  // namespace

std::string ToText(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
  writer.SetIndent(' ', 2);
  return Print(value, buffer, writer);
}

std::string ToLine(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  return Print(value, buffer, writer);
}

}  // namespace json
