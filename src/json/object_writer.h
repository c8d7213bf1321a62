// One JSON object written member by member, without a Value between: answers of the hot path.
// Not thread-safe.
#pragma once

#include "json/rapidjson.h"
// After it.
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace json {

// Each member function adds one member. Optional texts that are empty are left out. Texts must be
// UTF-8.
class ObjectWriter {
 public:
  ObjectWriter() { writer_.StartObject(); }

  ObjectWriter& Text(std::string_view name, std::string_view value) {
    Key(name);
    String(value);
    return *this;
  }
  ObjectWriter& OptionalText(std::string_view name, std::string_view value) {
    return value.empty() ? *this : Text(name, value);
  }
  ObjectWriter& Number(std::string_view name, std::int64_t value) {
    Key(name);
    writer_.Int64(value);
    return *this;
  }
  ObjectWriter& Bool(std::string_view name, bool value) {
    Key(name);
    writer_.Bool(value);
    return *this;
  }
  template <class Texts>
  ObjectWriter& Array(std::string_view name, const Texts& values) {
    Key(name);
    writer_.StartArray();
    for (const auto& value : values) String(value);
    writer_.EndArray();
    return *this;
  }
  // Each of `values` is a JSON text already.
  ObjectWriter& RawArray(std::string_view name, const std::vector<std::string>& values) {
    Key(name);
    writer_.StartArray();
    for (const std::string& value : values) {
      writer_.RawValue(value.data(), value.size(), rapidjson::kObjectType);
    }
    writer_.EndArray();
    return *this;
  }
  std::string Take() {
    writer_.EndObject();
    return {buffer_.GetString(), buffer_.GetSize()};
  }

 private:
  void Key(std::string_view name) {
    writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  }
  void String(std::string_view value) {
    writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

}  // namespace json
