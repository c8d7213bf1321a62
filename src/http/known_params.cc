#include "http/known_params.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/utf8.h"

namespace http {

namespace {

enum class Text : std::uint8_t {
  kPlain,    // no control characters
  kCode,     // without any
  kTrimmed,  // none but around it
  kAnything
};
enum class From : std::uint8_t { kPrograms, kPages, kBoth };

struct KnownParam {
  std::string_view name;
  From from;
  Text text = Text::kPlain;
};

constexpr std::array kKnown{
    KnownParam{"client_id", From::kPrograms},
    KnownParam{"client_secret", From::kPrograms},
    KnownParam{"client_assertion", From::kPrograms},
    KnownParam{"client_assertion_type", From::kPrograms},
    KnownParam{"grant_type", From::kPrograms},
    KnownParam{"device_code", From::kPrograms},
    KnownParam{"refresh_token", From::kPrograms},
    KnownParam{"scope", From::kPrograms},
    KnownParam{"resource", From::kPrograms},
    KnownParam{"service", From::kPrograms, Text::kTrimmed},
    KnownParam{"org", From::kBoth, Text::kTrimmed},
    KnownParam{"user_code", From::kBoth, Text::kCode},
    KnownParam{"csrf", From::kPages},
    KnownParam{"decision", From::kPages},
    KnownParam{"device", From::kPages},
    KnownParam{"status", From::kPages},
    KnownParam{"email", From::kPages, Text::kTrimmed},
    KnownParam{"token", From::kPages, Text::kTrimmed},
    KnownParam{"password", From::kPages, Text::kAnything},
    KnownParam{"repeated", From::kPages, Text::kAnything},
};

const KnownParam* Find(std::string_view name) {
  for (const KnownParam& known : kKnown) {
    if (known.name == name) return &known;
  }
  return nullptr;
}

void Trim(std::string* text) {
  const auto is_around = [](char c) { return c == ' ' || base::IsControl(c); };
  while (!text->empty() && is_around(text->back())) text->pop_back();
  std::size_t before = 0;
  while (before < text->size() && is_around((*text)[before])) ++before;
  text->erase(0, before);
}

}  // namespace

bool IsKnown(std::string_view name, Sender sender) {
  const KnownParam* const known = Find(name);
  if (known == nullptr) return false;
  return known->from == From::kBoth || (known->from == From::kPages) == (sender == Sender::kPage);
}

base::Status AdmitText(std::string_view name, std::string* text) {
  // Nearly always: the table is for what people type and paste.
  const bool is_trimmed = !text->starts_with(' ') && !text->ends_with(' ');
  if (is_trimmed && base::IsPrintableAscii(*text)) return {};
  if (!base::IsUtf8(*text)) return {base::Code::kInvalid, "a parameter is not UTF-8."};
  if (is_trimmed && std::ranges::none_of(*text, base::IsControl)) return {};
  const KnownParam* const known = Find(name);
  const Text kind = known == nullptr ? Text::kPlain : known->text;
  if (kind == Text::kAnything) return {};
  if (kind == Text::kCode) std::erase_if(*text, base::IsControl);
  if (kind == Text::kTrimmed) Trim(text);
  if (std::ranges::none_of(*text, base::IsControl)) return {};
  return {base::Code::kInvalid, "a parameter has a control character."};
}

}  // namespace http
