#include "client/http_answer.h"

#include <strings.h>
#include <algorithm>
#include <charconv>

namespace load {

namespace {

constexpr std::size_t kMaxHeadBytes = 16 * 1024;
constexpr std::size_t kMaxBodyBytes = 64 * 1024 * 1024;
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

bool IsName(std::string_view name, std::string_view wanted) {
  return name.size() == wanted.size() &&
         ::strncasecmp(name.data(), wanted.data(), name.size()) == 0;
}

template <class Number>
bool ParseNumber(std::string_view text, int base, Number* out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out, base);
  return error == std::errc() && end != text.data();
}

struct Framing {
  std::size_t content_length = 0;
  bool chunked = false;
};

bool ParseStatusLine(std::string_view line, HttpAnswer* answer) {
  return line.starts_with("HTTP/1.") && line.size() >= 12 &&
         ParseNumber(line.substr(9, 3), 10, &answer->status);
}

bool ParseField(std::string_view line, HttpAnswer* answer, Framing* framing) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view name = line.substr(0, colon);
  std::string_view value = line.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  if (IsName(name, "content-length")) return ParseNumber(value, 10, &framing->content_length);
  if (IsName(name, "content-type")) answer->content_type = value;
  if (IsName(name, "transfer-encoding")) framing->chunked = value == "chunked";
  if (IsName(name, "connection")) answer->closes = IsName(value, "close");
  return true;
}

bool ParseHead(std::string_view head, HttpAnswer* answer, Framing* framing) {
  std::size_t end = std::min(head.find(kLineEnd), head.size());
  if (!ParseStatusLine(head.substr(0, end), answer)) return false;
  while (end < head.size()) {
    head.remove_prefix(end + kLineEnd.size());
    end = std::min(head.find(kLineEnd), head.size());
    if (!ParseField(head.substr(0, end), answer, framing)) return false;
  }
  return framing->content_length <= kMaxBodyBytes;
}

// chunk = hex size CRLF data CRLF; the last one has size 0 (RFC 9112 §7.1). No trailers.
Parsed ParseChunks(std::string_view bytes, Body keep, HttpAnswer* answer) {
  for (std::size_t at = 0;;) {
    const std::size_t line_end = bytes.find(kLineEnd, at);
    if (line_end == std::string_view::npos) return Parsed::kIncomplete;
    std::size_t size = 0;
    if (!ParseNumber(bytes.substr(at, line_end - at), 16, &size) || size > kMaxBodyBytes) {
      return Parsed::kMalformed;
    }
    const std::size_t data = line_end + kLineEnd.size();
    if (bytes.size() < data + size + kLineEnd.size()) return Parsed::kIncomplete;
    if (keep == Body::kKeep) answer->body.append(bytes.substr(data, size));
    at = data + size + kLineEnd.size();
    if (size == 0) {
      answer->bytes += at;
      return Parsed::kComplete;
    }
  }
}

}  // namespace

Parsed ParseAnswer(std::string_view bytes, Body body, HttpAnswer* answer) {
  const std::size_t head_end = bytes.substr(0, kMaxHeadBytes).find(kHeadEnd);
  if (head_end == std::string_view::npos) {
    return bytes.size() < kMaxHeadBytes ? Parsed::kIncomplete : Parsed::kMalformed;
  }
  Framing framing;
  if (!ParseHead(bytes.substr(0, head_end), answer, &framing)) return Parsed::kMalformed;
  answer->bytes = head_end + kHeadEnd.size();
  const std::string_view rest = bytes.substr(answer->bytes);
  if (framing.chunked) return ParseChunks(rest, body, answer);
  if (rest.size() < framing.content_length) return Parsed::kIncomplete;
  if (body == Body::kKeep) answer->body = rest.substr(0, framing.content_length);
  answer->bytes += framing.content_length;
  return Parsed::kComplete;
}

std::optional<std::string_view> JsonText(std::string_view json, std::string_view name) {
  std::string opening = "\"";
  opening.append(name).append("\":");
  std::size_t at = json.find(opening);
  if (at == std::string_view::npos) return std::nullopt;
  at = json.find_first_not_of(' ', at + opening.size());
  if (at == std::string_view::npos || json[at] != '"') return std::nullopt;
  const std::size_t end = json.find('"', at + 1);
  if (end == std::string_view::npos) return std::nullopt;
  return json.substr(at + 1, end - at - 1);
}

}  // namespace load
