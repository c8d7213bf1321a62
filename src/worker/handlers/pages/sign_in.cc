#include <algorithm>
#include <string>
#include <utility>

#include "accounts/organization.h"
#include "accounts/sign_in.h"
#include "base/text.h"
#include "domain/issuer.h"
#include "http/pages.h"
#include "oauth/device/user_code.h"
#include "worker/handlers/handlers.h"
#include "worker/handlers/pages/page_again.h"
#include "worker/handlers/pages/page_form.h"
#include "worker/handlers/pages/page_reply.h"

namespace worker {

namespace {

using domain::ErrorCode;

// Where a sign-in leads; only a code that has the shape of one is carried on.
struct Target {
  records::OrganizationRow organization;
  std::string user_code;
};

std::string UserCodeOf(const http::Params& params) {
  return oauth::NormalizeUserCode(params.Get("user_code")).value_or("");
}

std::string NextPath(std::string_view user_code) {
  return user_code.empty() ? "/" : ConfirmPath(user_code);
}

http::Response ChooseOrganization(const http::Params& params, const domain::Error& error,
                                  const Visit& visit, const App& app) {
  if (error.code != ErrorCode::kNotFound) return ErrorPageResponse(error, visit);
  const std::string slug(params.Get("org"));
  http::ChooseOrganizationPage page{.organization_slug = slug, .error = {}};
  if (slug.empty()) return PageResponse(http::Render(page), visit, app);
  page.error = error.description;
  return PageResponse(error, http::Render(page), visit, app);
}

// The one that is named; at a domain its own, and no other.
domain::Answer<records::OrganizationRow> FindOrganization(std::string_view slug,
                                                          std::string_view issuer, const App& app) {
  const auto own = domain::OrganizationOf(issuer, app.ports);
  if (!own.ok()) return own.error();
  if (*own && slug.empty()) return accounts::FindActiveOrganization(**own, app.ports);
  auto organization = accounts::FindActiveOrganization(slug, app.ports);
  if (*own && organization.ok() && organization->id != **own) {
    return accounts::UnknownOrganization();
  }
  return organization;
}

base::Result<Target, http::Response> FindTarget(const http::Params& params,
                                                const http::Request& request, const Visit& visit,
                                                const App& app) {
  auto organization = FindOrganization(params.Get("org"), request.issuer, app);
  if (!organization.ok()) return ChooseOrganization(params, organization.error(), visit, app);
  return Target{.organization = std::move(*organization), .user_code = UserCodeOf(params)};
}

http::SignInPage PageOf(const Target& target, std::string email, const Visit& visit,
                        const App& app) {
  return {.organization_name = target.organization.name,
          .organization_slug = target.organization.slug,
          .user_code = target.user_code,
          .email = std::move(email),
          .error = {},
          .csrf = CsrfToken(visit, app)};
}

// The form again, with what was wrong and with the e-mail that was typed.
http::Response Refused(const domain::Error& error, http::SignInPage page, const Visit& visit,
                       const App& app) {
  if (error.code != ErrorCode::kAccessDenied && error.code != ErrorCode::kTooManyRequests) {
    return ErrorPageResponse(error, visit);
  }
  const bool is_budget = error.code == ErrorCode::kTooManyRequests;
  LogRefusal("sign_in_refused", is_budget ? "budget" : "password_or_account", visit, app);
  page.error = error.description;
  return PageResponse(error, http::Render(page), visit, app);
}

http::Response SignInAgain(const domain::Error& error, const http::Params& typed,
                           const http::Request& request, const Visit& visit, const App& app) {
  const auto target = FindTarget(typed, request, visit, app);
  if (!target.ok()) return target.error();
  http::SignInPage page = PageOf(*target, std::string(typed.Get("email")), visit, app);
  page.error = error.description;
  return PageResponse(error, http::Render(page), visit, app);
}

http::Response Welcome(const accounts::SignedIn& signed_in, const std::string& cookie_name,
                       const std::string& user_code, const App& app) {
  http::Response response = SeeOther(NextPath(user_code));
  response.headers.emplace_back("Set-Cookie", http::ToHeader({.name = cookie_name,
                                                              .value = signed_in.cookie,
                                                              .max_age = signed_in.lifetime,
                                                              .transport = TransportOf(app)}));
  return response;
}

// No new password has a control character (accounts/password_text.h), and programs paste one: this says
// why it is not right, and costs no guess.
domain::Error Unfit() {
  return {.code = ErrorCode::kAccessDenied,
          .description =
              "The password holds a tab, a line end or another character that no keyboard types. "
              "Type it rather than paste it."};
}

}  // namespace

http::Outcome HandleSignInPage(const http::Request& request, const App& app) {
  const Visit visit = ReadVisit(request, app);
  const auto params = ReadPageQuery(request, visit);
  if (!params.ok()) return params.error();
  const auto target = FindTarget(*params, request, visit, app);
  if (!target.ok()) return target.error();
  const records::OrganizationId organization_id = target->organization.id;
  const auto signed_in = accounts::FindSession(
      organization_id, SessionCookie(organization_id, request, app), app.ports);
  if (!signed_in.ok()) return ErrorPageResponse(signed_in.error(), visit);
  if (*signed_in) return SeeOther(NextPath(target->user_code));
  return PageResponse(http::Render(PageOf(*target, {}, visit, app)), visit, app);
}

http::Outcome HandleSignIn(const http::Request& request, const App& app) {
  const Visit visit = ReadVisit(request, app);
  const auto again = [&](const http::Params& typed, const domain::Error& error) {
    return SignInAgain(error, typed, request, visit, app);
  };
  const auto params = ReadPageForm(request, visit, app, again);
  if (!params.ok()) return params.error();
  if (std::ranges::any_of(params->Get("password"), base::IsControl)) {
    return again(*params, Unfit());
  }
  const auto target = FindTarget(*params, request, visit, app);
  if (!target.ok()) return target.error();
  const records::OrganizationId organization_id = target->organization.id;
  auto step = accounts::SignInWithPassword(
      {.request_id = request.request_id,
       .organization_id = organization_id,
       .email = std::string(params->Get("email")),
       .password = std::string(params->Get("password")),
       .address = std::string(request.remote_address),
       .user_agent = std::string(request.user_agent),
       .former_cookie = std::string(SessionCookie(organization_id, request, app))},
      app.password_hasher, app.ports);
  return domain::Map(std::move(step),
                     [page = PageOf(*target, std::string(params->Get("email")), visit, app), visit,
                      cookie_name = SessionCookieName(organization_id, app),
                      &app](const domain::Answer<accounts::SignedIn>& answer) {
                       if (!answer.ok()) return Refused(answer.error(), page, visit, app);
                       return Welcome(*answer, cookie_name, page.user_code, app);
                     });
}

http::Outcome HandleForgotPasswordPage(const http::Request& request, const App& app) {
  const Visit visit = ReadVisit(request, app);
  const auto params = ReadPageQuery(request, visit);
  if (!params.ok()) return params.error();
  const auto target = FindTarget(*params, request, visit, app);
  if (!target.ok()) return target.error();
  return PageResponse(
      http::Render(http::ForgotPasswordPage{.organization_name = target->organization.name,
                                            .organization_slug = target->organization.slug,
                                            .user_code = target->user_code,
                                            .contact = app.ports.settings.support_contact}),
      visit, app);
}

http::Outcome HandleSignOut(const http::Request& request, const App& app) {
  const Visit visit = ReadVisit(request, app);
  const auto params =
      ReadPageForm(request, visit, app, [&](const http::Params& typed, const domain::Error& error) {
        return typed.Get("device").empty() ? HomeAgain(error, request, visit, app)
                                           : ConfirmAgain(error, typed, request, visit, app);
      });
  if (!params.ok()) return params.error();
  const auto target = FindTarget(*params, request, visit, app);
  if (!target.ok()) return target.error();
  const records::OrganizationId organization_id = target->organization.id;
  http::Response response = SeeOther(
      target->user_code.empty() ? "/" : SignInPath(target->organization.slug, target->user_code));
  response.headers.emplace_back(
      "Set-Cookie", http::ExpiredCookie(SessionCookieName(organization_id, app), TransportOf(app)));
  auto step = accounts::SignOut(organization_id, SessionCookie(organization_id, request, app),
                                request.request_id, app.ports);
  return domain::Map(std::move(step), [visit, response = std::move(response)](
                                          const domain::Answer<accounts::SignedOut>& answer) {
    return answer.ok() ? response : ErrorPageResponse(answer.error(), visit);
  });
}

}  // namespace worker
