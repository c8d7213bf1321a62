#include "worker/handlers/pages/activate_code.h"

#include <utility>

#include "accounts/organization.h"
#include "accounts/sign_in.h"
#include "domain/issuer.h"
#include "http/pages.h"

namespace worker {

namespace {

using domain::ErrorCode;

domain::Error WrongCode() {
  return {.code = ErrorCode::kBadRequest,
          .description = "This code is not valid. Check it, or let the device show a new one."};
}

// A right code without its organization is no better than a wrong one then, nor told from it.
domain::Error NoOrganization() {
  return {.code = ErrorCode::kBadRequest,
          .description =
              "Many wrong codes are being typed just now, so a code alone is not enough. "
              "Name its organization too, and check the code."};
}

bool AsksForOrganization(const BrowserContext& browser, const App& app) {
  return !browser.is_at_domain && oauth::GuessesAreMany(app.ports);
}

http::ActivatePage PageOf(const TypedCode& typed, const BrowserContext& browser, const App& app) {
  using Ask = http::ActivatePage::AskForOrganization;
  return {.user_code = typed.user_code,
          .ask_for_organization = AsksForOrganization(browser, app) ? Ask::kYes : Ask::kNo,
          .organization_slug = typed.organization_slug,
          .error = {},
          .csrf = CsrfToken(browser, app)};
}

}  // namespace

domain::Answer<FoundCode> FindCode(const TypedCode& typed, oauth::UserCodeRequest::From from,
                                   const PageRequest& page, const App& app) {
  const auto session_to = [&](records::OrganizationId organization_id) {
    return accounts::FindSession(organization_id, SessionCookie(organization_id, page.request, app),
                                 app.ports);
  };
  const auto organization = domain::OrganizationOf(page.request.issuer, app.ports);
  if (!organization.ok()) return organization.error();
  auto code =
      oauth::VerifyUserCode({.from = from,
                             .user_code = typed.user_code,
                             .address = std::string(page.request.remote_address),
                             .guess_session = GuessSession(page.browser, app),
                             .organization = *organization,
                             .organization_slug = accounts::NormalizeSlug(typed.organization_slug),
                             .is_signed_in =
                                 [&](records::OrganizationId organization_id) {
                                   const auto session = session_to(organization_id);
                                   return session.ok() && *session;
                                 }},
                            app.ports);
  if (!code.ok() && code.error().code != ErrorCode::kBadRequest) return code.error();
  // In one set of words, whatever was wrong with it.
  const bool lacks_organization =
      typed.organization_slug.empty() && AsksForOrganization(page.browser, app);
  if (!code.ok()) return lacks_organization ? NoOrganization() : WrongCode();
  auto session = session_to(code->row.organization_id);
  if (!session.ok()) return session.error();
  return FoundCode{.code = std::move(*code), .session = std::move(*session)};
}

http::Response ActivateResponse(const TypedCode& typed, const BrowserContext& browser,
                                const App& app) {
  return PageResponse(http::Render(PageOf(typed, browser, app)), browser, app);
}

http::Response ActivateAgain(const domain::Error& error, const TypedCode& typed,
                             const BrowserContext& browser, const App& app) {
  http::ActivatePage page = PageOf(typed, browser, app);
  page.error = error.description;
  return PageResponse(error, http::Render(page), browser, app);
}

Answer CodeErrorResponse(const domain::Error& error, const TypedCode& typed,
                         const BrowserContext& browser, const App& app) {
  if (error.code != ErrorCode::kBadRequest && error.code != ErrorCode::kTooManyRequests) {
    return error;
  }
  const bool is_budget = error.code == ErrorCode::kTooManyRequests;
  LogRefusal("user_code_refused", is_budget ? "budget" : "not_live", browser, app);
  return ActivateAgain(error, typed, browser, app);
}

}  // namespace worker
