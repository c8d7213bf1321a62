// One JSON object written member by member, without a Value between: answers of the hot path.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace json {

// Each member function adds one member. Optional texts that are empty are left out. Names and texts
// must be UTF-8.
class ObjectWriter {
 public:
  ObjectWriter() { out_.reserve(kUsualBytes); }

  ObjectWriter& Text(std::string_view name, std::string_view value) {
    Name(name);
    String(value);
    return *this;
  }
  ObjectWriter& OptionalText(std::string_view name, std::string_view value) {
    return value.empty() ? *this : Text(name, value);
  }
  ObjectWriter& Number(std::string_view name, std::int64_t value);
  ObjectWriter& Bool(std::string_view name, bool value);
  template <class Texts>
  ObjectWriter& Array(std::string_view name, const Texts& values) {
    Name(name);
    char before = '[';
    for (const auto& value : values) {
      out_.push_back(before);
      String(value);
      before = ',';
    }
    EndArray(before);
    return *this;
  }
  // Each of `values` is a JSON text already.
  ObjectWriter& RawArray(std::string_view name, const std::vector<std::string>& values);
  std::string Take();

 private:
  static constexpr std::size_t kUsualBytes = 500;  // one allocation for nearly every answer

  void Name(std::string_view name);
  void String(std::string_view value);
  // `before`: what would have come before one more value.
  void EndArray(char before);

  std::string out_;
  char before_name_ = '{';
};

// An object of texts, in this order; empty ones are left out.
std::string TextObject(const std::vector<std::pair<std::string_view, std::string_view>>& members);

}  // namespace json
