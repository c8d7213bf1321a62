#include "worker/fcgi/answer.h"

#include <array>
#include <charconv>

#include "base/text.h"
#include "http/errors.h"

namespace worker {

namespace {

// Reason phrases (RFC 9110 §15): nginx copies the Status line, and a status line without one is
// read as malformed by some clients.
std::string_view ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 421:
      return "Misdirected Request";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Answer";
  }
}

bool IsOneLine(std::string_view text) {
  return base::IsPrintableAscii(text) || text.find_first_of("\r\n") == std::string_view::npos;
}

void AppendHeader(std::string_view name, std::string_view value, std::string* out) {
  out->append(name).append(": ").append(value).append("\r\n");
}

void AppendNumber(std::size_t number, std::string* out) {
  std::array<char, 20> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out->append(digits.data(), end);
}

}  // namespace

void RenderAnswer(const http::Response& response, std::string_view request_id, std::string* out) {
  out->assign("Status: ");
  AppendNumber(static_cast<std::size_t>(response.status), out);
  out->append(" ").append(ReasonPhrase(response.status)).append("\r\n");
  if (!response.content_type.empty()) {
    // Known length: nginx needs no chunks.
    AppendHeader("Content-Type", response.content_type, out);
    out->append("Content-Length: ");
    AppendNumber(response.body.size(), out);
    out->append("\r\n");
  }
  for (const auto& [name, value] : response.headers) {
    if (IsOneLine(name) && IsOneLine(value)) AppendHeader(name, value, out);
  }
  if (!response.error.empty()) AppendHeader("X-Latchkey-Error", response.error, out);
  AppendHeader("X-Request-Id", request_id, out);
  out->append("\r\n").append(response.body);
}

http::Response Refuse(Refusal refusal, base::Time now, base::seconds retry_after) {
  switch (refusal) {
    case Refusal::kBodyTooLarge:
      return http::PayloadTooLarge(now);
    case Refusal::kBodyIncomplete:
      return http::ErrorResponse({.code = domain::ErrorCode::kInvalidRequest,
                                  .description = "The body is not as long as Content-Length says."},
                                 now);
    case Refusal::kTooOld:
    case Refusal::kNoRoom:
      return http::ServiceUnavailable(now);
    case Refusal::kPoisonous:
      return http::ErrorResponse(domain::ErrorOf(base::Code::kInternal), now);
    case Refusal::kNetworkShutOut:
      return http::ErrorResponse(
          {.code = domain::ErrorCode::kTemporarilyUnavailable,
           .description = "A request from your network made the server fail. Try again later.",
           .retry_after = retry_after},
          now);
  }
  return http::ServiceUnavailable(now);
}

std::string_view NameOf(Refusal refusal) {
  switch (refusal) {
    case Refusal::kBodyTooLarge:
      return "body_too_large";
    case Refusal::kBodyIncomplete:
      return "body_incomplete";
    case Refusal::kTooOld:
      return "request_too_old";
    case Refusal::kPoisonous:
      return "poisonous_request";
    case Refusal::kNetworkShutOut:
      return "network_shut_out";
    case Refusal::kNoRoom:
      return "no_room_for_network";
  }
  return "unknown";
}

}  // namespace worker
