#include "worker/handlers/pages/page_request.h"

#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/url.h"
#include "domain/issuer.h"
#include "worker/handlers/pages/page_reply.h"

namespace worker {

namespace {

using domain::ErrorCode;

// A page with Referrer-Policy: no-referrer sends the origin "null" (Fetch §3.2.5), as ours do.
bool OriginFits(const http::Request& request, const App& app) {
  const std::string_view origin = request.origin;
  if (origin.empty() || origin == "null") return true;
  if (origin == domain::IssuerUrl(request.issuer, app.ports.settings)) return true;
  const std::string_view host = base::SplitUrl(origin).host;
  return base::IsLoopback(host) && host == request.host;
}

bool TokenFits(std::string_view token, const BrowserContext& browser, const App& app) {
  const std::string expected = CsrfToken(browser, app);
  return token.size() == expected.size() &&
         app.ports.hashes.Equal(base::AsBytes(token), base::AsBytes(expected));
}

// Which check the request fails that only another site's page does; empty: none.
std::string_view CsrfFailure(const http::Request& request, const App& app) {
  if (!IsFromHere(request)) return "sec_fetch_site";
  if (!OriginFits(request, app)) return "origin";
  return {};
}

domain::Error Forged() {
  return {
      .code = ErrorCode::kForbidden,
      .description =
          "This form was not sent from this site's own page. Open the page again and repeat it."};
}

domain::Error Stale() {
  return {.code = ErrorCode::kForbidden,
          .description =
              "This page had been open for long, or in another tab. It is up to date now: send it "
              "again. If this comes back, the browser keeps no cookies for this site."};
}

bool IsForm(std::string_view content_type) {
  return http::IsMediaType(content_type, http::kFormType);
}

domain::Answer<http::Params> ReadParams(std::string_view text) {
  auto params = http::ParsePageForm(text);
  if (params.ok()) return std::move(*params);
  return domain::Error{.code = ErrorCode::kInvalidRequest,
                       .description = "The request cannot be read: " + params.error().message()};
}

// What another site put into its own pages; not somebody's visit.
bool IsEmbedded(const http::Request& request) {
  const std::string_view mode = request.sec_fetch_mode;
  const std::string_view dest = request.sec_fetch_dest;
  const bool is_visit =
      (mode.empty() || mode == "navigate") && (dest.empty() || dest == "document");
  return !is_visit && !IsFromHere(request);
}

domain::Error Embedded() {
  return {.code = ErrorCode::kForbidden,
          .description = "Another site asked for this page without you. Open it yourself."};
}

}  // namespace

bool IsFromHere(const http::Request& request) {
  const std::string_view site = request.sec_fetch_site;
  return site.empty() || site == "same-origin" || site == "none";
}

Outcome PageHandler::Run(const http::Request& request, http::Query query, const App& app) const {
  if (IsEmbedded(request)) return Embedded();
  auto params = ReadParams(query == http::Query::kUnread ? std::string_view() : request.query);
  if (!params.ok()) return params.error();
  return handle({.request = request,
                 .browser = ReadBrowserContext(request, app),
                 .params = std::move(*params)},
                app);
}

Outcome FormHandler::Run(const http::Request& request, const App& app) const {
  BrowserContext browser = ReadBrowserContext(request, app);
  if (!IsForm(request.content_type)) return PageUnsupportedMediaType(browser);
  if (const std::string_view failure = CsrfFailure(request, app); !failure.empty()) {
    LogRefusal("form_refused", failure, browser, app);
    return Forged();
  }
  auto params = ReadParams(request.body);
  if (!params.ok()) return params.error();
  PageRequest form{.request = request, .browser = std::move(browser), .params = std::move(*params)};
  if (!TokenFits(form.params.Get("csrf"), form.browser, app)) {
    const bool is_new = form.browser.state == BrowserContext::State::kNew;
    LogRefusal("form_refused", is_new ? "no_cookie" : "token", form.browser, app);
    return again(form, Stale(), app);
  }
  return handle(FormRequest(std::move(form)), app);
}

}  // namespace worker
