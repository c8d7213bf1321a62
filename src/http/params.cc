#include "http/params.h"

#include <array>

#include "base/bytes.h"
#include "base/text.h"

#define RAPIDJSON_HAS_STDSTRING 1
#include <rapidjson/document.h>

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

// RapidJSON lets a lone low surrogate (\udc00) pass: its three bytes are no UTF-8 (RFC 3629 §3).
base::Status CheckText(std::string_view text) {
  if (!IsUtf8(text)) return Invalid("a parameter is not UTF-8.");
  if (HasControlCharacter(text)) return Invalid("a parameter has a control character.");
  return {};
}

std::string TextOfNumber(const rapidjson::Value& value) {
  if (value.IsInt64()) return std::to_string(value.GetInt64());
  if (value.IsUint64()) return std::to_string(value.GetUint64());
  return std::to_string(value.GetDouble());
}

base::Status AddMember(const rapidjson::Value::Member& member, Params* params) {
  std::string name(member.name.GetString(), member.name.GetStringLength());
  if (base::Status status = CheckText(name); !status.ok()) return status;
  const rapidjson::Value& value = member.value;
  if (value.IsString()) {
    std::string text(value.GetString(), value.GetStringLength());
    if (base::Status status = CheckText(text); !status.ok()) return status;
    return params->Add(std::move(name), std::move(text));
  }
  if (value.IsNumber()) return params->Add(std::move(name), TextOfNumber(value));
  if (value.IsBool()) return params->Add(std::move(name), value.GetBool() ? "true" : "false");
  return {};
}

// Length of the UTF-8 sequence that `lead` begins, 0 for a byte that begins none.
std::size_t SequenceLength(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

// Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte (RFC 3629 §4).
bool SecondByteFits(unsigned char lead, unsigned char second) {
  if (lead == 0xe0) return second >= 0xa0;
  if (lead == 0xed) return second <= 0x9f;
  if (lead == 0xf0) return second >= 0x90;
  if (lead == 0xf4) return second <= 0x8f;
  return true;
}

bool SequenceFits(std::string_view sequence) {
  const auto lead = static_cast<unsigned char>(sequence[0]);
  for (std::size_t i = 1; i < sequence.size(); ++i) {
    const auto next = static_cast<unsigned char>(sequence[i]);
    if ((next & 0xc0U) != 0x80U) return false;
    if (i == 1 && !SecondByteFits(lead, next)) return false;
  }
  return true;
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

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = SequenceLength(static_cast<unsigned char>(text[0]));
    if (length == 0 || length > text.size() || !SequenceFits(text.substr(0, length))) return false;
    text.remove_prefix(length);
  }
  return true;
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
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::Document document;
  document.Parse<kFlags>(text.data(), text.size());
  if (document.HasParseError() || !document.IsObject())
    return Invalid("the body is not a JSON object.");
  Params params;
  for (const auto& member : document.GetObject()) {
    if (base::Status status = AddMember(member, &params); !status.ok()) return status;
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
