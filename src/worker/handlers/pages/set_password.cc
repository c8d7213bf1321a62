#include <string>
#include <utility>

#include "accounts/password_link.h"
#include "domain/issuer.h"
#include "http/pages.h"
#include "worker/handlers/handlers.h"
#include "worker/handlers/pages/page_reply.h"
#include "worker/handlers/pages/page_request.h"

namespace worker {

namespace {

using domain::ErrorCode;

http::SetPasswordPage PageOf(const accounts::PasswordLink& link, std::string token,
                             const BrowserContext& browser, const App& app) {
  return {.token = std::move(token),
          .organization_name = link.organization_name,
          .email = link.row.user_email,
          .error = {},
          .csrf = CsrfToken(browser, app)};
}

Answer LinkError(const domain::Error& error, const BrowserContext& browser, const App& app) {
  if (error.code != ErrorCode::kBadRequest) return error;
  return PageResponse(
      error,
      http::Render(http::PasswordLinkErrorPage{.error = error.description,
                                               .contact = app.ports.settings.support_contact}),
      browser, app);
}

// The password will not do: the form again, while the link still holds.
Answer AskAgain(const domain::Error& error, const std::string& token, const accounts::LinksOf& of,
                const BrowserContext& browser, const App& app) {
  const auto link = accounts::FindPasswordLink(token, of, app.ports);
  if (!link.ok()) return LinkError(link.error(), browser, app);
  http::SetPasswordPage page = PageOf(*link, token, browser, app);
  page.error = error.description;
  return PageResponse(error, http::Render(page), browser, app);
}

http::Response Done(const accounts::PasswordLink& link, const BrowserContext& browser,
                    const App& app) {
  return PageResponse(
      http::Render(http::PasswordSetPage{.organization_name = link.organization_name,
                                         .organization_slug = link.organization_slug,
                                         .email = link.row.user_email}),
      browser, app);
}

}  // namespace

Outcome HandleSetPasswordPage(const PageRequest& page, const App& app) {
  const auto of = domain::OrganizationOf(page.request.issuer, app.ports);
  if (!of.ok()) return of.error();
  const std::string token(page.params.Get("token"));
  const auto link = accounts::FindPasswordLink(token, *of, app.ports);
  if (!link.ok()) return LinkError(link.error(), page.browser, app);
  return PageResponse(http::Render(PageOf(*link, token, page.browser, app)), page.browser, app);
}

Answer SetPasswordAgain(const PageRequest& form, const domain::Error& error, const App& app) {
  const auto of = domain::OrganizationOf(form.request.issuer, app.ports);
  if (!of.ok()) return of.error();
  return AskAgain(error, std::string(form.params.Get("token")), *of, form.browser, app);
}

Outcome HandleSetPassword(const FormRequest& form, const App& app) {
  const auto of = domain::OrganizationOf(form.request.issuer, app.ports);
  if (!of.ok()) return of.error();
  std::string token(form.params.Get("token"));
  auto step = accounts::SetPassword({.request_id = form.request.request_id,
                                     .token = token,
                                     .of = *of,
                                     .password = std::string(form.params.Get("password")),
                                     .repeated = std::string(form.params.Get("repeated"))},
                                    app.password_hasher, app.ports);
  return domain::Map(std::move(step),
                     [token = std::move(token), of = *of, browser = form.browser,
                      &app](const domain::Answer<accounts::PasswordLink>& answer) -> Answer {
                       if (answer.ok()) return Done(*answer, browser, app);
                       if (answer.error().code == ErrorCode::kInvalidRequest) {
                         return AskAgain(answer.error(), token, of, browser, app);
                       }
                       return LinkError(answer.error(), browser, app);
                     });
}

}  // namespace worker
