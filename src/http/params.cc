#include "http/params.h"

#include <array>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/text.h"
#include "base/utf8.h"
#include "json/value.h"

namespace http {

namespace {

constexpr std::size_t kMaxParams = 64;

base::Status Invalid(std::string message) { return {base::Code::kInvalid, std::move(message)}; }

bool HasControlCharacter(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) return true;
  }
  return false;
}

base::Status CheckText(std::string_view text) {
  if (!base::IsUtf8(text)) return Invalid("a parameter is not UTF-8.");
  if (HasControlCharacter(text)) return Invalid("a parameter has a control character.");
  return {};
}

// The value as a parameter's; nullopt for null, arrays and objects.
std::optional<std::string> TextOf(json::Value&& value) {
  if (auto* text = std::get_if<std::string>(&value.value())) return std::move(*text);
  if (auto* number = std::get_if<json::Number>(&value.value())) return std::move(number->text);
  if (const auto* whole = std::get_if<std::int64_t>(&value.value())) return std::to_string(*whole);
  if (const auto* truth = std::get_if<bool>(&value.value())) return *truth ? "true" : "false";
  return std::nullopt;
}

base::Status AddMember(json::Member&& member, Params* params) {
  if (HasControlCharacter(member.key)) return Invalid("a parameter has a control character.");
  auto text = TextOf(std::move(member.value));
  if (!text) return {};
  if (HasControlCharacter(*text)) return Invalid("a parameter has a control character.");
  return params->Add(std::move(member.key), std::move(*text));
}

}  // namespace

std::string_view Params::Get(std::string_view name) const {
  for (const auto& [key, value] : values_) {
    if (key == name) return value;
  }
  return {};
}

base::Status Params::Add(std::string name, std::string value) {
  if (values_.size() == kMaxParams) return Invalid("too many parameters.");
  for (const auto& [key, former] : values_) {
    if (key == name) return Invalid("a parameter is repeated.");
  }
  values_.emplace_back(std::move(name), std::move(value));
  return {};
}

base::Result<std::string> DecodeFormValue(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      decoded.push_back(' ');
    } else if (text[i] == '%') {
      std::array<std::uint8_t, 1> byte{};
      if (!base::HexDecodeInto(text.substr(i + 1, 2), byte))
        return Invalid("bad percent encoding.");
      decoded.push_back(static_cast<char>(byte[0]));
      i += 2;
    } else {
      decoded.push_back(text[i]);
    }
  }
  if (base::Status status = CheckText(decoded); !status.ok()) return status;
  return decoded;
}

base::Result<Params> ParseForm(std::string_view text) {
  Params params;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text = pair.size() == text.size() ? std::string_view() : text.substr(pair.size() + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    auto name = DecodeFormValue(pair.substr(0, equals));
    if (!name.ok()) return name.error();
    auto value = DecodeFormValue(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
    if (!value.ok()) return value.error();
    if (base::Status status = params.Add(std::move(*name), std::move(*value)); !status.ok())
      return status;
  }
  return params;
}

base::Result<Params> ParseJson(std::string_view text) {
  auto parsed = json::Parse(text);
  auto* object = parsed.ok() ? std::get_if<json::Object>(&parsed->value()) : nullptr;
  if (object == nullptr) return Invalid("the body is not a JSON object.");
  Params params;
  for (json::Member& member : *object) {
    if (base::Status status = AddMember(std::move(member), &params); !status.ok()) return status;
  }
  return params;
}

std::string MediaType(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (!content_type.empty() && content_type.back() == ' ') content_type.remove_suffix(1);
  return base::AsciiLower(content_type);
}

base::Result<Params> ParseBody(std::string_view content_type, std::string_view body) {
  if (body.empty()) return Params();
  const std::string type = MediaType(content_type);
  if (type == "application/x-www-form-urlencoded") return ParseForm(body);
  if (type == "application/json") return ParseJson(body);
  return base::Status(base::Code::kDenied,
                      "send application/x-www-form-urlencoded or application/json.");
}

}  // namespace http
