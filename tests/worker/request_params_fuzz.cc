// The environment of a FastCGI request, a parameter a line: views into it, Host in its form, numbers within theirs.
#include <functional>
#include <limits>

#include "fuzz/fuzz.h"
#include "fuzz/grammar.h"
#include "worker/fcgi/request_params.h"

namespace fuzz {

namespace {

constexpr std::array<std::string_view, 18> kNames{
    "REQUEST_METHOD",      "DOCUMENT_URI",       "SCRIPT_NAME",     "QUERY_STRING", "CONTENT_TYPE",
    "CONTENT_LENGTH",      "HTTP_HOST",          "REMOTE_ADDR",     "REQUEST_ID",   "REQUEST_TIME",
    "HTTP_AUTHORIZATION",  "HTTP_COOKIE",        "HTTP_USER_AGENT", "HTTP_ACCEPT",  "HTTP_ORIGIN",
    "HTTP_SEC_FETCH_SITE", "HTTP_IF_NONE_MATCH", "HTTP_X_OTHER"};

void CheckHost(std::string_view host) {
  const std::string normal = worker::NormalizeHost(host);
  Require(normal.size() <= host.size(), "a Host grows no longer");
  if (worker::IsNormalizedHost(host)) Require(normal == host, "a normal Host stays as it is");
}

void CheckNumbers(std::string_view text) {
  const auto length = worker::ParseContentLength(text);
  const bool is_number = text.find_first_not_of("0123456789") == std::string_view::npos;
  Require(length.has_value() == is_number, "a length is digits");
  if (length && text.size() > 20 && text.find_first_not_of('0') == 0) {
    Require(*length == std::numeric_limits<std::uint64_t>::max(), "too many are the largest");
  }
  if (const auto time = worker::ParseRequestTime(text)) {
    Require(base::ToUnixMillis(*time) >= 0 && base::ToUnixMillis(*time) < 1'000'000'000'000'000,
            "a time has twelve digits of seconds");
  }
}

bool IsOneOf(std::string_view value, const std::vector<std::string>& lines) {
  if (value.empty()) return true;
  for (const std::string& line : lines) {
    const std::less_equal<> not_behind;
    if (not_behind(line.data(), value.data()) &&
        not_behind(value.data() + value.size(), line.data() + line.size()))
      return true;
  }
  return false;
}

}  // namespace

std::string Grow(Random& random) {
  std::string text;
  for (std::size_t left = random.Below(14); left > 0; --left) {
    text += std::string(random.Pick(kNames)) + (random.OneIn(20) ? "" : "=");
    switch (random.Below(6)) {
      case 0:
        text += Host(random);
        break;
      case 1:
        text += Digits(random, 24) + (random.OneIn(2) ? "." + Digits(random, 3) : "");
        break;
      case 2:
        text += Path(random);
        break;
      default:
        text += Text(random, 40);
    }
    text += "\n";
  }
  return text;
}

void FuzzOne(std::string_view bytes) {
  std::vector<std::string> lines;
  for (std::string_view rest = bytes; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    lines.emplace_back(line.substr(0, line.find('\0')));
    CheckHost(lines.back());
    CheckNumbers(lines.back());
  }
  std::vector<const char*> environment;
  for (const std::string& line : lines) environment.push_back(line.c_str());
  environment.push_back(nullptr);
  const worker::RequestParams params = worker::ReadParams(environment.data());
  for (const std::string_view value :
       {params.request.method, params.request.path, params.request.query, params.request.host,
        params.request.cookie, params.request.authorization, params.request.user_agent,
        params.request.if_none_match, params.content_length, params.request_time}) {
    Require(IsOneOf(value, lines), "a parameter is a view of the environment");
  }
  CheckHost(params.request.host);
  CheckNumbers(params.content_length);
  CheckNumbers(params.request_time);
}

}  // namespace fuzz
