// nginx's FastCGI parameters as an http::Request: one pass over the environment, no copies.
// Pure; the views of the result live as long as the environment. Names: nginx/ passes them, and
// docs/debugging.md shows them by hand.
//
//   REQUEST_METHOD  DOCUMENT_URI (else SCRIPT_NAME)  QUERY_STRING  CONTENT_TYPE  CONTENT_LENGTH
//   HTTP_HOST ($host)  REMOTE_ADDR  REQUEST_ID ($request_id)  REQUEST_TIME ($msec)
//   HTTP_AUTHORIZATION  HTTP_COOKIE  HTTP_USER_AGENT  HTTP_ACCEPT  HTTP_ORIGIN  HTTP_SEC_FETCH_SITE
//   HTTP_IF_NONE_MATCH
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/request.h"

namespace worker {

struct RequestParams {
  http::Request request;  // all but body, request_id, received_at
  std::string_view content_length;
  std::string_view request_time;
  std::string_view document_uri, script_name;
};

// `environment`: "NAME=value" strings, ended by nullptr.
RequestParams ReadParams(const char* const* environment);

// $host's form: lower case, without port. nginx passes no other; a person with a shell may.
bool IsNormalizedHost(std::string_view host);
// A Host header in that form; brackets of an IPv6 address stay.
std::string NormalizeHost(std::string_view host_header);

// Decimal digits; empty means 0. nullopt: anything else. A number too large for 64 bits is the
// largest.
std::optional<std::uint64_t> ParseContentLength(std::string_view text);

// "1763999999.123" (nginx's $msec). nullopt where it is not of that form.
std::optional<base::Time> ParseRequestTime(std::string_view text);

}  // namespace worker
