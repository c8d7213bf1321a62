// A JSON value (RFC 8259): what --json prints and what a server's answer is read into.
// A plain value; thread-compatible. Members keep their order. Integers only: no number of ours has
// a fraction.
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

namespace ctl {

class Json;
struct JsonMember;
using JsonArray = std::vector<Json>;
using JsonObject = std::vector<JsonMember>;

class Json {
 public:
  using Value =
      std::variant<std::nullptr_t, bool, std::int64_t, std::string, JsonArray, JsonObject>;

  Json();
  Json(bool value);              // NOLINT: implicit by design
  Json(std::int64_t value);      // NOLINT
  Json(std::string value);       // NOLINT
  Json(std::string_view value);  // NOLINT
  Json(const char* value);       // NOLINT
  Json(JsonArray value);         // NOLINT
  Json(JsonObject value);        // NOLINT
  // Lists of text, as redirect_uris and features are.
  static Json List(const std::vector<std::string>& items);

  const Value& value() const { return value_; }
  // The member called `key`; null where this is no object or has none.
  const Json* Find(std::string_view key) const;
  // The member's text or number; nullopt where it is missing or of another type.
  std::optional<std::string> Text(std::string_view key) const;
  std::optional<std::int64_t> Number(std::string_view key) const;

 private:
  Value value_;
};

struct JsonMember {
  std::string key;
  Json value;
};

// Here, where a JsonMember is complete: they may have to destroy one.
inline Json::Json() : value_(nullptr) {}
inline Json::Json(bool value) : value_(value) {}
inline Json::Json(std::int64_t value) : value_(value) {}
inline Json::Json(std::string value) : value_(std::move(value)) {}
inline Json::Json(std::string_view value) : value_(std::string(value)) {}
inline Json::Json(const char* value) : value_(std::string(value)) {}

// Indented by two blanks, with a final newline. Text that is not UTF-8 is printed with U+FFFD.
std::string ToText(const Json& json);
// The same on one line: JSON Lines.
std::string ToLine(const Json& json);

// kCorrupt: no JSON, or nested deeper than 32. Of a name given twice the first one counts.
// Numbers with a fraction are cut to whole ones.
base::Result<Json> ParseJson(std::string_view text);

}  // namespace ctl
