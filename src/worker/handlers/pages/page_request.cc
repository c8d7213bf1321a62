#include "worker/handlers/pages/page_form.h"

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

bool TokenFits(std::string_view token, const Visit& visit, const App& app) {
  const std::string expected = CsrfToken(visit, app);
  return token.size() == expected.size() &&
         app.ports.hashes.Equal(base::AsBytes(token), base::AsBytes(expected));
}

// Which check the request fails that only another site's page does; empty: none.
std::string_view WhyForged(const http::Request& request, const App& app) {
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

base::Result<http::Params, http::Response> ParsePageParams(std::string_view text,
                                                           const Visit& visit) {
  auto params = http::ParsePageForm(text);
  if (params.ok()) return std::move(*params);
  return ErrorPageResponse(
      {.code = ErrorCode::kInvalidRequest,
       .description = "The request cannot be read: " + params.error().message()},
      visit);
}

}  // namespace

bool IsFromHere(const http::Request& request) {
  const std::string_view site = request.sec_fetch_site;
  return site.empty() || site == "same-origin" || site == "none";
}

std::optional<http::Response> RefuseEmbedded(const http::Request& request, const Visit& visit) {
  const std::string_view mode = request.sec_fetch_mode;
  const std::string_view dest = request.sec_fetch_dest;
  const bool is_visit =
      (mode.empty() || mode == "navigate") && (dest.empty() || dest == "document");
  if (is_visit || IsFromHere(request)) return std::nullopt;
  return ErrorPageResponse(
      {.code = ErrorCode::kForbidden,
       .description = "Another site asked for this page without you. Open it yourself."},
      visit);
}

base::Result<http::Params, http::Response> ReadPageQuery(const http::Request& request,
                                                         const Visit& visit) {
  if (auto refused = RefuseEmbedded(request, visit)) return std::move(*refused);
  return ParsePageParams(request.query, visit);
}

base::Result<http::Params, http::Response> ReadPageForm(const http::Request& request,
                                                        const Visit& visit, const App& app,
                                                        const DrawAgain& again) {
  if (!IsForm(request.content_type)) return PageUnsupportedMediaType(visit);
  if (const std::string_view why = WhyForged(request, app); !why.empty()) {
    LogRefusal("form_refused", why, visit, app);
    return ErrorPageResponse(Forged(), visit);
  }
  auto params = ParsePageParams(request.body, visit);
  if (!params.ok() || TokenFits(params->Get("csrf"), visit, app)) return params;
  const bool is_new = visit.browser == Visit::Browser::kNew;
  LogRefusal("form_refused", is_new ? "no_cookie" : "token", visit, app);
  return again(*params, Stale());
}

}  // namespace worker
