#include "worker/handlers/page_reply.h"

#include <array>
#include <utility>

#include "base/bytes.h"
#include "http/pages.h"

namespace worker {

namespace {

using oauth::ErrorCode;

constexpr std::size_t kSecretBytes = 32;
constexpr std::string_view kRetryAfterSeconds = "5";

std::string HashText(std::string_view purpose, std::string_view secret, const App& app) {
  std::string text(purpose);
  text.append(secret);
  return base::Base64UrlEncode(app.ports.hashes.Sha256(base::AsBytes(text)));
}

bool IsSecret(std::string_view text) {
  std::array<std::uint8_t, kSecretBytes> bytes{};
  return base::Base64UrlDecodeInto(text, bytes);
}

std::string BrowserCookieName(const App& app) {
  return http::CookieName("lk-pre", TransportOf(app));
}

// ---- forged requests ----

// "http://localhost:8080" -> "localhost"; brackets of an IPv6 address stay.
std::string_view HostOfOrigin(std::string_view origin) {
  const std::size_t scheme_end = origin.find("://");
  if (scheme_end == std::string_view::npos) return {};
  std::string_view host = origin.substr(scheme_end + 3);
  const std::size_t bracket = host.find(']');
  const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return host.substr(0, colon);
}

bool IsLoopback(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

// A page with Referrer-Policy: no-referrer sends the origin "null" (Fetch §3.2.5), as ours do.
bool OriginFits(const http::Request& request, const App& app) {
  const std::string_view origin = request.origin;
  if (origin.empty() || origin == "null" || origin == app.ports.settings.public_url) return true;
  const std::string_view host = HostOfOrigin(origin);
  return IsLoopback(host) && host == request.host;
}

bool FetchSiteFits(std::string_view site) {
  return site.empty() || site == "same-origin" || site == "none";
}

bool TokenFits(std::string_view token, const Visit& visit, const App& app) {
  const std::string expected = CsrfToken(visit, app);
  return token.size() == expected.size() &&
         app.ports.hashes.Equal(base::AsBytes(token), base::AsBytes(expected));
}

// Which check the request fails; empty: none.
std::string_view WhyForged(const http::Params& params, const http::Request& request,
                           const Visit& visit, const App& app) {
  if (!FetchSiteFits(request.sec_fetch_site)) return "sec_fetch_site";
  if (!OriginFits(request, app)) return "origin";
  if (!TokenFits(params.Get("csrf"), visit, app)) {
    return visit.browser == Visit::Browser::kNew ? "no_cookie" : "token";
  }
  return {};
}

oauth::Error Forged() {
  return {.code = ErrorCode::kForbidden,
          .description =
              "This form was not sent from this site's own page in this visit, or the "
              "browser keeps no cookies. Open the page again and repeat it."};
}

bool IsForm(std::string_view content_type) {
  constexpr std::string_view kForm = "application/x-www-form-urlencoded";
  return content_type.substr(0, kForm.size()) == kForm;
}

// ---- answers ----

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
  if (status == 429 || status == 503)
    response.headers.emplace_back("Retry-After", kRetryAfterSeconds);
  return response;
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

http::Response ErrorPage(int status, std::string_view title, std::string message,
                         std::string_view request_id) {
  return Html(status, http::Render(http::ErrorPage{.status = status,
                                                   .title = std::string(title),
                                                   .message = std::move(message),
                                                   .request_id = std::string(request_id)}));
}

base::Result<http::Params, http::Response> ParsePageParams(std::string_view text,
                                                           const Visit& visit) {
  auto params = http::ParseForm(text);
  if (params.ok()) return std::move(*params);
  return ErrorPageResponse(
      {.code = ErrorCode::kInvalidRequest,
       .description = "The request cannot be read: " + params.error().message()},
      visit);
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

http::Transport TransportOf(const App& app) {
  return app.ports.settings.public_url.starts_with("https://") ? http::Transport::kTls
                                                               : http::Transport::kPlain;
}

Visit ReadVisit(const http::Request& request, const App& app) {
  const std::string_view cookie = http::FindCookie(request.cookie, BrowserCookieName(app));
  Visit visit{.browser = Visit::Browser::kKnown,
              .secret = std::string(cookie),
              .request_id = std::string(request.request_id_text)};
  if (IsSecret(cookie)) return visit;
  std::array<std::uint8_t, kSecretBytes> bytes{};
  app.ports.random.Fill(bytes);
  visit.browser = Visit::Browser::kNew;
  visit.secret = base::Base64UrlEncode(bytes);
  return visit;
}

std::string CsrfToken(const Visit& visit, const App& app) {
  return HashText("csrf", visit.secret, app);
}

std::string GuessSession(const Visit& visit, const App& app) {
  return HashText("guess", visit.secret, app);
}

base::Result<http::Params, http::Response> ReadPageQuery(const http::Request& request,
                                                         const Visit& visit) {
  return ParsePageParams(request.query, visit);
}

base::Result<http::Params, http::Response> ReadPageForm(const http::Request& request,
                                                        const Visit& visit, const App& app) {
  if (!IsForm(request.content_type)) {
    return ErrorPage(415, "This did not work", "This address takes the form of its page only.",
                     visit.request_id);
  }
  auto params = ParsePageParams(request.body, visit);
  if (!params.ok()) return params;
  if (const std::string_view why = WhyForged(*params, request, visit, app); !why.empty()) {
    LogRefusal("form_refused", why, visit, app);
    return ErrorPageResponse(Forged(), visit);
  }
  return params;
}

std::string SignInCookieName(records::OrganizationId organization_id, const App& app) {
  return http::CookieName("lk-" + base::HexEncode(organization_id.bytes), TransportOf(app));
}

std::string_view SignInCookie(records::OrganizationId organization_id, const http::Request& request,
                              const App& app) {
  return http::FindCookie(request.cookie, SignInCookieName(organization_id, app));
}

http::Response PageResponse(std::string html, const Visit& visit, const App& app) {
  http::Response response = Html(200, std::move(html));
  if (visit.browser == Visit::Browser::kNew) {
    response.headers.emplace_back("Set-Cookie", http::ToHeader({.name = BrowserCookieName(app),
                                                                .value = visit.secret,
                                                                .max_age = base::seconds(0),
                                                                .transport = TransportOf(app)}));
  }
  return response;
}

http::Response PageResponse(const oauth::Error& error, std::string html, const Visit& visit,
                            const App& app) {
  http::Response response = PageResponse(std::move(html), visit, app);
  response.status = WordsOf(error.code).status;
  if (response.status == 429 || response.status == 503) {
    response.headers.emplace_back("Retry-After", kRetryAfterSeconds);
  }
  return response;
}

http::Response ErrorPageResponse(const oauth::Error& error, const Visit& visit) {
  const ErrorWords words = WordsOf(error.code);
  return ErrorPage(words.status, words.title, error.description, visit.request_id);
}

http::Response PageNotFound(const http::Request& request) {
  return ErrorPage(404, "There is no such page", "Nothing is served at this address.",
                   request.request_id_text);
}

http::Response PageMethodNotAllowed(std::string_view allow, const http::Request& request) {
  http::Response response = ErrorPage(
      405, "This did not work",
      "This address takes the form of a page, not a visit. Begin again on the start page.",
      request.request_id_text);
  response.headers.emplace_back("Allow", allow);
  return response;
}

void LogRefusal(std::string_view event, std::string_view why, const Visit& visit, const App& app) {
  app.log.Warn(event, {{"why", why}, {"request_id", visit.request_id}});
}

bool WantsPage(const http::Request& request) {
  return request.accept.find("text/html") != std::string_view::npos;
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

std::string ConfirmPath(std::string_view user_code) {
  return "/activate/confirm?user_code=" + QueryValue(user_code);
}

}  // namespace worker
