#include "http/params.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/text.h"
#include "http/known_params.h"
#include "json/plain_object.h"
#include "json/value.h"

namespace http {

namespace {

constexpr std::size_t kMaxParams = 64;
constexpr std::size_t kUsualParams = 6;
constexpr std::string_view kRepeatable = "resource";  // RFC 8707 §2
constexpr std::string_view kBadEncoding = "bad percent encoding.";

base::Status Invalid(std::string message) { return {base::Code::kInvalid, std::move(message)}; }

// The value as a parameter's; nullopt for null, arrays and objects.
std::optional<std::string> TextOf(json::Value&& value) {
  if (auto* text = std::get_if<std::string>(&value.value())) return std::move(*text);
  if (auto* number = std::get_if<json::Number>(&value.value())) return std::move(number->text);
  if (const auto* whole = std::get_if<std::int64_t>(&value.value())) return std::to_string(*whole);
  if (const auto* truth = std::get_if<bool>(&value.value())) return *truth ? "true" : "false";
  return std::nullopt;
}

bool IsText(const json::Value& value) {
  const json::Value::Variant& held = value.value();
  return !std::holds_alternative<std::nullptr_t>(held) &&
         !std::holds_alternative<json::Array>(held) && !std::holds_alternative<json::Object>(held);
}

base::Status AddText(std::string name, std::string text, Params* params) {
  if (base::Status status = AdmitText("", &name); !status.ok()) return status;
  if (base::Status status = AdmitText(name, &text); !status.ok()) return status;
  return params->Add(std::move(name), std::move(text));
}

// Several texts, as others write a parameter that may be repeated.
bool IsRepetition(const json::Member& member) {
  const auto* const items = std::get_if<json::Array>(&member.value.value());
  if (member.key != kRepeatable || items == nullptr || items->size() < 2) return false;
  return std::ranges::all_of(*items, [](const json::Value& item) { return IsText(item); });
}

// Each as a form would have it.
base::Status AddEach(json::Member&& member, Params* params) {
  for (json::Value& item : std::get<json::Array>(member.value.value())) {
    base::Status status = AddText(member.key, *TextOf(std::move(item)), params);
    if (!status.ok()) return status;
  }
  return {};
}

base::Status AddMember(json::Member&& member, Params* params) {
  if (IsRepetition(member)) return AddEach(std::move(member), params);
  const bool is_null = std::holds_alternative<std::nullptr_t>(member.value.value());
  auto text = TextOf(std::move(member.value));
  if (text) return AddText(std::move(member.key), std::move(*text), params);
  if (base::Status status = AdmitText("", &member.key); !status.ok()) return status;
  if (is_null || !IsKnown(member.key, Sender::kProgram)) return {};
  return Invalid("the parameter " + member.key + " must be a text.");
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
    if (key != name) continue;
    if (name == kRepeatable) return {base::Code::kExists, "ask for one resource per request."};
    return Invalid("a parameter is repeated.");
  }
  if (values_.empty()) values_.reserve(kUsualParams);
  values_.emplace_back(std::move(name), std::move(value));
  return {};
}

namespace {

// '+' is a blank. nullopt: bad percent encoding.
std::optional<std::string> Decode(std::string_view text) {
  constexpr auto kNone = std::string_view::npos;
  if (text.find('%') == kNone && text.find('+') == kNone) return std::string(text);
  std::string decoded(text.size(), '\0');
  char* to = decoded.data();
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+') {
      c = ' ';
    } else if (c == '%') {
      std::array<std::uint8_t, 1> byte{};
      if (!base::HexDecodeInto(text.substr(i + 1, 2), byte)) return std::nullopt;
      c = static_cast<char>(byte[0]);
      i += 2;
    }
    *to++ = c;
  }
  decoded.resize(static_cast<std::size_t>(to - decoded.data()));
  return decoded;
}

struct Pair {
  std::string_view name, value;  // encoded
};

// Takes the next pair off the form; both halves are empty where there is nothing between two '&'.
Pair TakePair(std::string_view* form) {
  const std::string_view pair = form->substr(0, form->find('&'));
  form->remove_prefix(pair.size() == form->size() ? pair.size() : pair.size() + 1);
  const std::size_t equals = pair.find('=');
  if (equals == std::string_view::npos) return {.name = pair, .value = {}};
  return {.name = pair.substr(0, equals), .value = pair.substr(equals + 1)};
}

base::Status AddPair(std::string name, std::string_view encoded, Params* params) {
  auto value = Decode(encoded);
  if (!value) return Invalid(std::string(kBadEncoding));
  if (base::Status status = AdmitText(name, &*value); !status.ok()) return status;
  return params->Add(std::move(name), std::move(*value));
}

}  // namespace

base::Result<std::string> DecodeFormValue(std::string_view text) {
  auto decoded = Decode(text);
  if (!decoded) return Invalid(std::string(kBadEncoding));
  if (base::Status status = AdmitText("", &*decoded); !status.ok()) return status;
  return std::move(*decoded);
}

base::Result<Params> ParseForm(std::string_view text) {
  Params params;
  while (!text.empty()) {
    const Pair pair = TakePair(&text);
    if (pair.name.empty() && pair.value.empty()) continue;
    auto name = DecodeFormValue(pair.name);
    if (!name.ok()) return name.error();
    if (base::Status status = AddPair(std::move(*name), pair.value, &params); !status.ok())
      return status;
  }
  return params;
}

base::Result<Params> ParsePageForm(std::string_view text) {
  Params params;
  while (!text.empty()) {
    const Pair pair = TakePair(&text);
    auto name = Decode(pair.name);
    if (!name || !IsKnown(*name, Sender::kPage)) continue;
    if (base::Status status = AddPair(std::move(*name), pair.value, &params); !status.ok())
      return status;
  }
  return params;
}

namespace {

base::Result<Params> ParamsOf(const json::PlainObject& members) {
  Params params;
  for (const auto& [key, value] : members) {
    base::Status status = AddText(std::string(key), std::string(value), &params);
    if (!status.ok()) return status;
  }
  return params;
}

}  // namespace

base::Result<Params> ParseJson(std::string_view text) {
  if (const auto plain = json::ReadPlainObject(text)) return ParamsOf(*plain);
  auto parsed = json::Parse(text);
  auto* object = parsed.ok() ? std::get_if<json::Object>(&parsed->value()) : nullptr;
  if (object == nullptr) return Invalid("the body is not a JSON object.");
  Params params;
  for (json::Member& member : *object) {
    if (base::Status status = AddMember(std::move(member), &params); !status.ok()) return status;
  }
  return params;
}

bool IsMediaType(std::string_view content_type, std::string_view media_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (!content_type.empty() && content_type.back() == ' ') content_type.remove_suffix(1);
  return base::IsInLower(content_type, media_type);
}

base::Result<Params> ParseBody(std::string_view content_type, std::string_view body) {
  if (body.empty()) return Params();
  if (IsMediaType(content_type, kFormType)) return ParseForm(body);
  if (IsMediaType(content_type, "application/json")) return ParseJson(body);
  return base::Status(base::Code::kDenied,
                      "send application/x-www-form-urlencoded or application/json.");
}

}  // namespace http
