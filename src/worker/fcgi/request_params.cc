#include "worker/fcgi/request_params.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <system_error>

#include "base/text.h"

namespace worker {

namespace {

using View = std::string_view;

// The names that matter, by length: most parameters are told apart by it alone.
View* Place(View name, RequestParams* params) {
  http::Request& request = params->request;
  switch (name.size()) {
    case 9:
      return name == "HTTP_HOST" ? &request.host : nullptr;
    case 10:
      return name == "REQUEST_ID" ? &request.request_id_text : nullptr;
    case 11:
      if (name == "REMOTE_ADDR") return &request.remote_address;
      if (name == "SCRIPT_NAME") return &params->script_name;
      if (name == "HTTP_COOKIE") return &request.cookie;
      if (name == "HTTP_ACCEPT") return &request.accept;
      if (name == "HTTP_ORIGIN") return &request.origin;
      return nullptr;
    case 12:
      if (name == "QUERY_STRING") return &request.query;
      if (name == "CONTENT_TYPE") return &request.content_type;
      if (name == "DOCUMENT_URI") return &params->document_uri;
      if (name == "REQUEST_TIME") return &params->request_time;
      return nullptr;
    case 14:
      if (name == "REQUEST_METHOD") return &request.method;
      if (name == "CONTENT_LENGTH") return &params->content_length;
      return nullptr;
    case 15:
      return name == "HTTP_USER_AGENT" ? &request.user_agent : nullptr;
    case 18:
      if (name == "HTTP_AUTHORIZATION") return &request.authorization;
      if (name == "HTTP_IF_NONE_MATCH") return &request.if_none_match;
      return nullptr;
    case 19:
      if (name == "HTTP_SEC_FETCH_SITE") return &request.sec_fetch_site;
      if (name == "HTTP_SEC_FETCH_MODE") return &request.sec_fetch_mode;
      if (name == "HTTP_SEC_FETCH_DEST") return &request.sec_fetch_dest;
      return nullptr;
    default:
      return nullptr;
  }
}

}  // namespace

RequestParams ReadParams(const char* const* environment) {
  RequestParams params;
  for (; *environment != nullptr; ++environment) {
    const char* const name = *environment;
    const char* const equals = std::strchr(name, '=');
    if (equals == nullptr) continue;
    View* const place = Place({name, static_cast<std::size_t>(equals - name)}, &params);
    if (place != nullptr) *place = equals + 1;
  }
  const bool has_uri = !params.document_uri.empty();
  params.request.path = has_uri ? params.document_uri : params.script_name;
  return params;
}

bool IsNormalizedHost(std::string_view host) {
  return std::ranges::none_of(host, [](char c) { return (c >= 'A' && c <= 'Z') || c == ':'; });
}

std::string NormalizeHost(std::string_view host_header) {
  const std::size_t bracket = host_header.rfind(']');
  const std::size_t colon = host_header.rfind(':');
  const bool has_port = colon != View::npos && (bracket == View::npos || colon > bracket);
  return base::AsciiLower(host_header.substr(0, has_port ? colon : View::npos));
}

std::optional<std::uint64_t> ParseContentLength(std::string_view text) {
  if (text.empty()) return 0;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return std::numeric_limits<std::uint64_t>::max();
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::optional<base::Time> ParseRequestTime(std::string_view text) {
  constexpr std::size_t kFraction = 4;  // ".123"
  constexpr std::size_t kMaxSeconds = 12;
  if (text.size() <= kFraction || text.size() > kMaxSeconds + kFraction) return std::nullopt;
  if (text[text.size() - kFraction] != '.') return std::nullopt;
  const auto whole = ParseContentLength(text.substr(0, text.size() - kFraction));
  const auto fraction = ParseContentLength(text.substr(text.size() - kFraction + 1));
  if (!whole || !fraction) return std::nullopt;
  return base::FromUnixMillis(static_cast<std::int64_t>(*whole * 1000 + *fraction));
}

}  // namespace worker
