// One line an event: `2026-11-25T01:02:03.456Z WARN writer slow_commit duration_ms=812 rows=256`.
// Never a device_code, token, password or other secret. Writing never blocks: where standard error
// cannot take a line at once, the line is dropped and counted. Thread-safe (one write(2) a line).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace base {

enum class Severity : std::uint8_t { kInfo, kWarn, kError, kFatal };

// A key=value pair; values with blanks, quotes or control bytes are quoted and escaped.
struct Field {
  std::string_view key;
  std::string value;
  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(v) {}
  Field(std::string_view k, const std::string& v) : key(k), value(v) {}
  template <class Number>
  requires std::is_arithmetic_v<Number> Field(std::string_view k, Number v)
      : key(k), value(std::to_string(v)) {}
};

class Log {
 public:
  // `process` names the writer of the lines ("writer", "api-2"). Lines below `least` are not made.
  explicit Log(std::string process, Severity least = Severity::kInfo, int fd = 2);

  void Write(Severity severity, std::string_view event,
             std::initializer_list<Field> fields = {}) const;
  void Info(std::string_view event, std::initializer_list<Field> fields = {}) const;
  void Warn(std::string_view event, std::initializer_list<Field> fields = {}) const;
  void Error(std::string_view event, std::initializer_list<Field> fields = {}) const;

  std::uint64_t dropped_lines() const;

 private:
  std::string process_;
  Severity least_;
  int fd_;
};

}  // namespace base
