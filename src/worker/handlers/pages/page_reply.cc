#include "worker/handlers/pages/page_reply.h"

#include <array>
#include <utility>

#include "http/cookies.h"
#include "http/errors.h"
#include "http/pages.h"

namespace worker {

namespace {

using domain::ErrorCode;

constexpr base::seconds kRetryAfter{5};

struct PageHeader {
  std::string_view name, value;
};
constexpr std::array kPageHeaders{
    PageHeader{"Content-Security-Policy",
               "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
               "frame-ancestors 'none'; base-uri 'none'"},
    PageHeader{"X-Frame-Options", "DENY"},
    PageHeader{"X-Content-Type-Options", "nosniff"},
    PageHeader{"Referrer-Policy", "no-referrer"},
    PageHeader{"Cache-Control", "no-store"},
    PageHeader{"Cross-Origin-Opener-Policy", "same-origin"},
    PageHeader{"Cross-Origin-Resource-Policy", "same-origin"},
    PageHeader{"Permissions-Policy",
               "camera=(), microphone=(), geolocation=(), payment=(), usb=(), "
               "browsing-topics=()"},
};

http::Response Html(int status, std::string html) {
  http::Response response{.status = status,
                          .content_type = "text/html;charset=UTF-8",
                          .headers = {},
                          .body = std::move(html)};
  for (const PageHeader& header : kPageHeaders) {
    response.headers.emplace_back(header.name, header.value);
  }
  return response;
}

// What is left of a limit's window, or soon, for whom waiting helps.
void AddRetryAfter(base::seconds known, http::Response* response) {
  if (response->status != 429 && response->status != 503) return;
  const base::seconds wait = known.count() > 0 ? known : kRetryAfter;
  response->headers.emplace_back("Retry-After", std::to_string(wait.count()));
}

struct ErrorWords {
  int status;
  std::string_view title;
};

ErrorWords WordsOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kForbidden:
      return {403, "This request was refused"};
    case ErrorCode::kNotFound:
      return {404, "There is no such page"};
    case ErrorCode::kMisdirectedRequest:
      return {421, "There is no such server here"};
    case ErrorCode::kTooManyRequests:
      return {429, "Too many attempts"};
    case ErrorCode::kTemporarilyUnavailable:
      return {503, "The server is busy"};
    case ErrorCode::kServerError:
      return {500, "Something went wrong here"};
    default:
      return {400, "This did not work"};
  }
}

// `error`: the word of docs/api.md, for the access log.
http::Response ErrorPage(int status, std::string_view error, std::string_view title,
                         std::string message, std::string_view request_id,
                         base::seconds retry_after = base::seconds(0)) {
  http::Response response =
      Html(status, http::Render(http::ErrorPage{.status = status,
                                                .title = std::string(title),
                                                .message = std::move(message),
                                                .request_id = std::string(request_id)}));
  response.error = error;
  AddRetryAfter(retry_after, &response);
  return response;
}

// Percent-encodes all but unreserved characters (RFC 3986 §2.3).
std::string QueryValue(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                          (byte >= '0' && byte <= '9') || c == '-' || c == '_' || c == '.' ||
                          c == '~';
    if (is_plain) {
      encoded.push_back(c);
    } else {
      encoded.push_back('%');
      encoded.push_back(kHex[byte >> 4U]);
      encoded.push_back(kHex[byte & 0xfU]);
    }
  }
  return encoded;
}

}  // namespace

http::Response PageResponse(std::string html, const BrowserContext& browser, const App& app) {
  http::Response response = Html(200, std::move(html));
  if (browser.state == BrowserContext::State::kNew) {
    response.headers.emplace_back("Set-Cookie", http::ToHeader({.name = BrowserCookieName(app),
                                                                .value = browser.secret,
                                                                .max_age = base::seconds(0),
                                                                .transport = TransportOf(app)}));
  }
  return response;
}

http::Response PageResponse(const domain::Error& error, std::string html,
                            const BrowserContext& browser, const App& app) {
  http::Response response = PageResponse(std::move(html), browser, app);
  response.status = WordsOf(error.code).status;
  response.error = http::ErrorCodeWord(error.code);
  AddRetryAfter(error.retry_after, &response);
  return response;
}

http::Response ErrorPageResponse(const domain::Error& error, std::string_view request_id) {
  const ErrorWords words = WordsOf(error.code);
  return ErrorPage(words.status, http::ErrorCodeWord(error.code), words.title, error.description,
                   request_id, error.retry_after);
}

http::Response PageNotFound(const http::Request& request) {
  return ErrorPage(404, "NOT_FOUND", "There is no such page", "Nothing is served at this address.",
                   request.request_id_text);
}

http::Response PageRefused(int status, const http::Request& request) {
  switch (status) {
    case 413:
      return ErrorPage(status, "PAYLOAD_TOO_LARGE", "This is too large", "A form may have 16 KB.",
                       request.request_id_text);
    case 503:
      return ErrorPage(status, "SERVICE_UNAVAILABLE", "The server is busy",
                       "The server cannot take this request now. Try again in a moment.",
                       request.request_id_text);
    case 500:
      return ErrorPage(status, "INTERNAL_SERVER_ERROR", "This did not work",
                       "The server met an error. Its log has the request id.",
                       request.request_id_text);
    default:
      return ErrorPage(400, "INVALID_REQUEST", "This did not work",
                       "The request did not arrive whole. Send it again.", request.request_id_text);
  }
}

http::Response PageUnsupportedMediaType(const BrowserContext& browser) {
  return ErrorPage(415, "UNSUPPORTED_MEDIA_TYPE", "This did not work",
                   "This address takes the form of its page only.", browser.request_id);
}

http::Response PageMethodNotAllowed(std::string_view allow, const http::Request& request) {
  http::Response response = ErrorPage(
      405, "METHOD_NOT_ALLOWED", "This did not work",
      "This address takes the form of a page, not a browser. Begin again on the start page.",
      request.request_id_text);
  response.headers.emplace_back("Allow", allow);
  return response;
}

void LogRefusal(std::string_view event, std::string_view why, const BrowserContext& browser,
                const App& app) {
  const std::optional<std::uint64_t> unlogged =
      app.refusal_lines == nullptr ? 0 : app.refusal_lines->Take(app.ports.clock.Now());
  if (!unlogged) return;
  app.log.Warn(event, {{"why", why}, {"unlogged", *unlogged}, {"request_id", browser.request_id}});
}

http::Response SeeOther(std::string path) {
  http::Response response{.status = 303, .content_type = {}, .headers = {}, .body = {}};
  response.headers.emplace_back("Location", std::move(path));
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  return response;
}

std::string SignInPath(std::string_view organization_slug, std::string_view user_code) {
  std::string path = "/sign-in?org=" + QueryValue(organization_slug);
  if (!user_code.empty()) path += "&user_code=" + QueryValue(user_code);
  return path;
}

std::string ActivatePath(std::string_view user_code, std::string_view organization_slug) {
  std::string path = "/activate";
  if (!user_code.empty()) path += "?user_code=" + QueryValue(user_code);
  if (organization_slug.empty()) return path;
  return path + (user_code.empty() ? "?org=" : "&org=") + QueryValue(organization_slug);
}

std::string ConfirmPath(std::string_view user_code) {
  return "/activate/confirm?user_code=" + QueryValue(user_code);
}

}  // namespace worker
