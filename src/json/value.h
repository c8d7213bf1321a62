// A JSON value (RFC 8259). A plain value; thread-compatible. Members keep their order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/status.h"

namespace json {

class Value;
struct Member;
using Array = std::vector<Value>;
using Object = std::vector<Member>;

// A number that is no whole one of 64 bits, as it was written: no library converts what a stranger
// wrote. Only Parse() makes one, so the text is a JSON number.
struct Number {
  std::string text;
};

class Value {
 public:
  using Variant =
      std::variant<std::nullptr_t, bool, std::int64_t, json::Number, std::string, Array, Object>;

  Value();
  Value(bool value);              // NOLINT: implicit by design
  Value(std::int64_t value);      // NOLINT
  Value(json::Number value);      // NOLINT
  Value(std::string value);       // NOLINT
  Value(std::string_view value);  // NOLINT
  Value(const char* value);       // NOLINT
  Value(Array value);             // NOLINT
  Value(Object value);            // NOLINT
  // Lists of text, as resources and features are.
  static Value List(const std::vector<std::string>& items);

  const Variant& value() const { return value_; }
  Variant& value() { return value_; }
  // The member called `key`, the first of that name; null where this is no object or has none.
  const Value* Find(std::string_view key) const;
  // This value's or the member's text; nullopt where it is missing or of another type.
  std::optional<std::string> Text() const;
  std::optional<std::string> Text(std::string_view key) const;
  // As a number: between -1e15 and 1e15, else nullopt as for any other type.
  std::optional<double> Real() const;
  // The member's number, cut to a whole one; nullopt where it is missing, of another type or, having
  // a fraction or an exponent, beyond 1e15.
  std::optional<std::int64_t> Number(std::string_view key) const;

 private:
  Variant value_;
};

struct Member {
  std::string key;
  Value value;
};

// Here, where a Member is complete: they may have to destroy one.
inline Value::Value() : value_(nullptr) {}
inline Value::Value(bool value) : value_(value) {}
inline Value::Value(std::int64_t value) : value_(value) {}
inline Value::Value(json::Number value) : value_(std::move(value)) {}
inline Value::Value(std::string value) : value_(std::move(value)) {}
inline Value::Value(std::string_view value) : value_(std::string(value)) {}
inline Value::Value(const char* value) : value_(std::string(value)) {}

// Indented by two blanks, with a final newline. Text that is not UTF-8 is printed with U+FFFD.
std::string ToText(const Value& value);
// The same on one line, with its newline: what streams print (JSON Lines).
std::string ToLine(const Value& value);

inline constexpr std::size_t kMaxDepth = 32;

// kCorrupt: no JSON, nested deeper than kMaxDepth, text or escapes that are no UTF-8 (a lone surrogate), or a
// number above 1e308. Parsed iteratively, so depth costs no stack. Never throws, whatever the bytes are.
base::Result<Value> Parse(std::string_view text);

}  // namespace json
