#include <string>
#include <utility>

#include "accounts/password_link.h"
#include "domain/issuer.h"
#include "http/pages.h"
#include "worker/handlers/handlers.h"
#include "worker/handlers/pages/page_form.h"
#include "worker/handlers/pages/page_reply.h"

namespace worker {

namespace {

using domain::ErrorCode;

http::SetPasswordPage PageOf(const accounts::PasswordLink& link, std::string token,
                             const Visit& visit, const App& app) {
  return {.token = std::move(token),
          .organization_name = link.organization_name,
          .email = link.row.user_email,
          .error = {},
          .csrf = CsrfToken(visit, app)};
}

http::Response LinkError(const domain::Error& error, const Visit& visit, const App& app) {
  if (error.code != ErrorCode::kBadRequest) return ErrorPageResponse(error, visit);
  return PageResponse(
      error,
      http::Render(http::PasswordLinkErrorPage{.error = error.description,
                                               .contact = app.ports.settings.support_contact}),
      visit, app);
}

// The password will not do: the form again, while the link still holds.
http::Response AskAgain(const domain::Error& error, const std::string& token,
                        const accounts::LinksOf& of, const Visit& visit, const App& app) {
  const auto link = accounts::FindPasswordLink(token, of, app.ports);
  if (!link.ok()) return LinkError(link.error(), visit, app);
  http::SetPasswordPage page = PageOf(*link, token, visit, app);
  page.error = error.description;
  return PageResponse(error, http::Render(page), visit, app);
}

http::Response Done(const accounts::PasswordLink& link, const Visit& visit, const App& app) {
  return PageResponse(
      http::Render(http::PasswordSetPage{.organization_name = link.organization_name,
                                         .organization_slug = link.organization_slug,
                                         .email = link.row.user_email}),
      visit, app);
}

}  // namespace

http::Outcome HandleSetPasswordPage(const http::Request& request, const App& app) {
  const Visit visit = ReadVisit(request, app);
  const auto params = ReadPageQuery(request, visit);
  if (!params.ok()) return params.error();
  const auto of = domain::OrganizationOf(request.issuer, app.ports);
  if (!of.ok()) return ErrorPageResponse(of.error(), visit);
  const std::string token(params->Get("token"));
  const auto link = accounts::FindPasswordLink(token, *of, app.ports);
  if (!link.ok()) return LinkError(link.error(), visit, app);
  return PageResponse(http::Render(PageOf(*link, token, visit, app)), visit, app);
}

http::Outcome HandleSetPassword(const http::Request& request, const App& app) {
  const Visit visit = ReadVisit(request, app);
  const auto of = domain::OrganizationOf(request.issuer, app.ports);
  if (!of.ok()) return ErrorPageResponse(of.error(), visit);
  const auto params =
      ReadPageForm(request, visit, app, [&](const http::Params& typed, const domain::Error& error) {
        return AskAgain(error, std::string(typed.Get("token")), *of, visit, app);
      });
  if (!params.ok()) return params.error();
  std::string token(params->Get("token"));
  auto step = accounts::SetPassword({.request_id = request.request_id,
                                     .token = token,
                                     .of = *of,
                                     .password = std::string(params->Get("password")),
                                     .repeated = std::string(params->Get("repeated"))},
                                    app.password_hasher, app.ports);
  return domain::Map(std::move(step), [token = std::move(token), of = *of, visit,
                                       &app](const domain::Answer<accounts::PasswordLink>& answer) {
    if (answer.ok()) return Done(*answer, visit, app);
    if (answer.error().code == ErrorCode::kInvalidRequest) {
      return AskAgain(answer.error(), token, of, visit, app);
    }
    return LinkError(answer.error(), visit, app);
  });
}

}  // namespace worker
