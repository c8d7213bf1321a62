// Bodies and queries as forms: what is taken is clean text under names that are there once, and a form says what the
// JSON object of the same members says.
#include <cctype>
#include <utility>

#include "base/bytes.h"
#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "fuzz/grammar.h"
#include "http/params.h"
#include "json/object_writer.h"

namespace fuzz {

namespace {

const std::vector<std::string_view> kNames{"client_id", "a", "user_code", "grant_type", ""};

std::string Encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && std::isalnum(byte) != 0) {
      encoded.push_back(c);
    } else {
      encoded += "%" + base::HexEncode(base::AsBytes({&c, 1}));
    }
  }
  return encoded;
}

// Lines of the input as members.
std::vector<std::pair<std::string_view, std::string_view>> Members(std::string_view bytes) {
  std::vector<std::pair<std::string_view, std::string_view>> members;
  while (!bytes.empty()) {
    const std::string_view line = bytes.substr(0, bytes.find('&'));
    bytes.remove_prefix(std::min(line.size() + 1, bytes.size()));
    const std::size_t equals = std::min(line.find('='), line.size());
    const auto value = line.substr(std::min(equals + 1, line.size()));
    if (!value.empty()) members.emplace_back(line.substr(0, equals), value);
  }
  return members;
}

void CompareWithJson(std::string_view bytes) {
  const auto members = Members(bytes);
  std::string form;
  for (const auto& [name, value] : members) form += Encode(name) + "=" + Encode(value) + "&";
  const auto of_form = http::ParseForm(form);
  const auto of_json = http::ParseJson(json::TextObject(members));
  Require(of_form.ok() == of_json.ok(), "a form and the same JSON are both taken or both refused");
  if (!of_form.ok()) return;
  for (const auto& [name, value] : members) {
    Require(of_form->Get(name) == of_json->Get(name), "and say the same");
  }
}

}  // namespace

std::string Grow(Random& random) { return Form(random, kNames); }

void FuzzOne(std::string_view bytes) {
  const auto value = http::DecodeFormValue(bytes);
  if (value.ok()) {
    Require(base::IsUtf8(*value), "a decoded value is UTF-8");
    Require(value->size() <= bytes.size(), "decoding makes nothing longer");
    Require(value->find('\0') == std::string::npos, "a decoded value has no NUL");
    const auto again = http::DecodeFormValue(Encode(*value));
    Require(again.ok() && *again == *value, "what is decoded can be encoded");
  }
  if (const auto params = http::ParseForm(bytes); params.ok()) {
    for (const std::string_view name : kNames) {
      Require(base::IsUtf8(params->Get(name)), "a parameter is UTF-8");
    }
  }
  CompareWithJson(bytes);
}

}  // namespace fuzz
