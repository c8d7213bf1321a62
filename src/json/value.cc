#include "json/value.h"

#include <charconv>
#include <cmath>

namespace json {

namespace {

constexpr double kLargestReal = 1e15;  // whole numbers up to here are exact in a double

std::optional<double> Within(double value) {
  return std::fabs(value) <= kLargestReal ? std::optional(value) : std::nullopt;
}

// What is too small for a double is 0; what is too large is none.
std::optional<double> Convert(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range && text.find("e-") == std::string_view::npos &&
      text.find("E-") == std::string_view::npos) {
    return std::nullopt;
  }
  return Within(value);
}

}  // namespace

Value::Value(Array value) : value_(std::move(value)) {}
Value::Value(Object value) : value_(std::move(value)) {}

Value Value::List(const std::vector<std::string>& items) {
  return Array(items.begin(), items.end());
}

const Value* Value::Find(std::string_view key) const {
  const auto* object = std::get_if<Object>(&value_);
  if (object == nullptr) return nullptr;
  for (const Member& member : *object) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

std::optional<std::string> Value::Text() const {
  const auto* text = std::get_if<std::string>(&value_);
  return text == nullptr ? std::nullopt : std::optional(*text);
}

std::optional<std::string> Value::Text(std::string_view key) const {
  const Value* member = Find(key);
  return member == nullptr ? std::nullopt : member->Text();
}

std::optional<double> Value::Real() const {
  if (const auto* whole = std::get_if<std::int64_t>(&value_)) {
    return Within(static_cast<double>(*whole));
  }
  const auto* number = std::get_if<json::Number>(&value_);
  return number == nullptr ? std::nullopt : Convert(number->text);
}

std::optional<std::int64_t> Value::Number(std::string_view key) const {
  const Value* member = Find(key);
  if (member == nullptr) return std::nullopt;
  if (const auto* whole = std::get_if<std::int64_t>(&member->value_)) return *whole;
  const auto real = member->Real();
  return real ? std::optional(static_cast<std::int64_t>(*real)) : std::nullopt;
}

}  // namespace json
