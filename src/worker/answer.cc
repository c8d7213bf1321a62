#include "worker/answer.h"

#include <array>
#include <charconv>
#include <ctime>

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

std::string Rfc3339(base::Time now) {
  const std::time_t seconds = base::ToUnixSeconds(now);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), size};
}

struct RefusalText {
  int status;
  std::string_view name, error, error_code, description;
};

// In the order of Refusal; the words are those of docs/api.md.
constexpr std::array<RefusalText, 3> kRefusals{{
    {413, "body_too_large", "invalid_request", "PAYLOAD_TOO_LARGE",
     "The request body is too large."},
    {400, "body_incomplete", "invalid_request", "INVALID_REQUEST",
     "The request body is not as long as Content-Length says."},
    {503, "request_too_old", "temporarily_unavailable", "SERVICE_UNAVAILABLE",
     "The server is busy; try again."},
}};

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
  const RefusalText& text = kRefusals[static_cast<std::size_t>(refusal)];
  http::Response response{
      .status = text.status, .headers = {{"Cache-Control", "no-store"}}, .body = {}};
  if (text.status == 503) response.headers.emplace_back("Retry-After", "1");
  response.body.append("{\"error\":\"").append(text.error);
  response.body.append("\",\"error_description\":\"").append(text.description);
  response.body.append("\",\"error_code\":\"").append(text.error_code);
  response.body.append("\",\"timestamp\":\"").append(Rfc3339(now)).append("\"}");
  return response;
}

std::string_view NameOf(Refusal refusal) {
  return kRefusals[static_cast<std::size_t>(refusal)].name;
}

}  // namespace worker
