#include <optional>
#include <string>
#include <vector>

#include "accounts/organization.h"
#include "accounts/sign_in.h"
#include "base/bytes.h"
#include "http/pages.h"
#include "worker/handlers/handlers.h"
#include "worker/handlers/pages/page_reply.h"
#include "worker/handlers/pages/page_request.h"
#include "worker/handlers/reply.h"

namespace worker {

namespace {

constexpr std::size_t kMaxShownSessions = 8;
constexpr int kMaxLookups = 64;  // of cookies with a name of ours, whatever they hold
constexpr std::string_view kYear = "public, max-age=31536000, immutable";
constexpr std::string_view kMinute = "public, max-age=60";

// The organization that a cookie of this name belongs to; nullopt: another cookie.
std::optional<records::OrganizationId> OrganizationOfCookie(std::string_view cookie_name,
                                                            std::string_view prefix) {
  if (!cookie_name.starts_with(prefix)) return std::nullopt;
  records::OrganizationId id;
  if (!base::HexDecodeInto(cookie_name.substr(prefix.size()), id.bytes)) return std::nullopt;
  return id;
}

using Shown = std::optional<http::HomePage::SignedIn>;

// nullopt: nobody is signed in by this cookie.
domain::Answer<Shown> Describe(records::OrganizationId id, std::string_view cookie,
                               const App& app) {
  auto session = accounts::FindSession(id, cookie, app.ports);
  if (!session.ok()) return session.error();
  if (!*session) return Shown();
  auto organization = accounts::FindActiveOrganization(id, app.ports);
  if (!organization.ok()) return organization.error();
  return Shown(http::HomePage::SignedIn{.organization_name = std::move(organization->name),
                                        .organization_slug = std::move(organization->slug),
                                        .email = std::move((*session)->user_email)});
}

domain::Answer<http::HomePage> HomePageOf(const PageRequest& asked, const App& app) {
  http::HomePage page{.sessions = {}, .error = {}, .csrf = CsrfToken(asked.browser, app)};
  const std::string prefix = http::CookieName("lk-", TransportOf(app));
  http::CookieReader cookies(asked.request.cookie);
  int looked_up = 0;
  while (const auto cookie = cookies.Next()) {
    const auto organization_id = OrganizationOfCookie(cookie->name, prefix);
    if (!organization_id) continue;
    if (page.sessions.size() == kMaxShownSessions || ++looked_up > kMaxLookups) break;
    auto session = Describe(*organization_id, cookie->value, app);
    if (!session.ok()) return session.error();
    if (*session) page.sessions.push_back(std::move(**session));
  }
  return page;
}

}  // namespace

Outcome HandleHomePage(const PageRequest& page, const App& app) {
  const auto home = HomePageOf(page, app);
  if (!home.ok()) return home.error();
  return PageResponse(http::Render(*home), page.browser, app);
}

Answer HomeAgain(const PageRequest& form, const domain::Error& error, const App& app) {
  auto page = HomePageOf(form, app);
  if (!page.ok()) return page.error();
  page->error = error.description;
  return PageResponse(error, http::Render(*page), form.browser, app);
}

http::Outcome HandleStylesheet(const http::Request& request, const App&) {
  const std::string version = http::StylesheetVersion();
  return CachedDocument(std::string(http::Stylesheet()), "text/css;charset=UTF-8", version,
                        request.query == "v=" + version ? kYear : kMinute, request);
}

}  // namespace worker
