#include "worker/answer.h"

#include <array>
#include <charconv>

#include "http/errors.h"

namespace worker {

namespace {

bool IsOneLine(std::string_view text) {
  return text.find_first_of("\r\n") == std::string_view::npos;
}

void AppendHeader(std::string_view name, std::string_view value, std::string* out) {
  out->append(name).append(": ").append(value).append("\r\n");
}

void AppendNumber(int number, std::string* out) {
  std::array<char, 12> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out->append(digits.data(), end);
}

}  // namespace

void RenderAnswer(const http::Response& response, std::string_view request_id, std::string* out) {
  out->assign("Status: ");
  AppendNumber(response.status, out);
  out->append("\r\n");
  if (!response.content_type.empty()) AppendHeader("Content-Type", response.content_type, out);
  for (const auto& [name, value] : response.headers) {
    if (IsOneLine(name) && IsOneLine(value)) AppendHeader(name, value, out);
  }
  AppendHeader("X-Request-Id", request_id, out);
  out->append("\r\n").append(response.body);
}

http::Response Refuse(Refusal refusal, base::Time now) {
  switch (refusal) {
    case Refusal::kBodyTooLarge:
      return http::PayloadTooLarge(now);
    case Refusal::kBodyIncomplete:
      return http::ErrorResponse({.code = oauth::ErrorCode::kInvalidRequest,
                                  .description = "The body is not as long as Content-Length says."},
                                 now);
    case Refusal::kTooOld:
      return http::ServiceUnavailable(now);
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
  }
  return "unknown";
}

}  // namespace worker
