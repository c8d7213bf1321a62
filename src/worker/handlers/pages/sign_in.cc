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
#include "worker/handlers/pages/page_reply.h"
#include "worker/handlers/pages/page_request.h"

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

Answer ChooseOrganization(const PageRequest& asked, const domain::Error& error, const App& app) {
  if (error.code != ErrorCode::kNotFound) return error;
  const std::string slug(asked.params.Get("org"));
  http::ChooseOrganizationPage page{.organization_slug = slug, .error = {}};
  if (slug.empty()) return PageResponse(http::Render(page), asked.browser, app);
  page.error = error.description;
  return PageResponse(error, http::Render(page), asked.browser, app);
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

base::Result<Target, Answer> FindTarget(const PageRequest& page, const App& app) {
  auto organization = FindOrganization(page.params.Get("org"), page.request.issuer, app);
  if (!organization.ok()) return ChooseOrganization(page, organization.error(), app);
  return Target{.organization = std::move(*organization), .user_code = UserCodeOf(page.params)};
}

http::SignInPage PageOf(const Target& target, std::string email, const BrowserContext& browser,
                        const App& app) {
  return {.organization_name = target.organization.name,
          .organization_slug = target.organization.slug,
          .user_code = target.user_code,
          .email = std::move(email),
          .error = {},
          .csrf = CsrfToken(browser, app)};
}

// The form again, with what was wrong and with the e-mail that was typed.
Answer Refused(const domain::Error& error, http::SignInPage page, const BrowserContext& browser,
               const App& app) {
  if (error.code != ErrorCode::kAccessDenied && error.code != ErrorCode::kTooManyRequests) {
    return error;
  }
  const bool is_budget = error.code == ErrorCode::kTooManyRequests;
  LogRefusal("sign_in_refused", is_budget ? "budget" : "password_or_account", browser, app);
  page.error = error.description;
  return PageResponse(error, http::Render(page), browser, app);
}

http::Response SignedInResponse(const accounts::SignedIn& signed_in, const std::string& cookie_name,
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

Outcome HandleSignInPage(const PageRequest& page, const App& app) {
  const auto target = FindTarget(page, app);
  if (!target.ok()) return target.error();
  const records::OrganizationId organization_id = target->organization.id;
  const auto signed_in = accounts::FindSession(
      organization_id, SessionCookie(organization_id, page.request, app), app.ports);
  if (!signed_in.ok()) return signed_in.error();
  if (*signed_in) return SeeOther(NextPath(target->user_code));
  return PageResponse(http::Render(PageOf(*target, {}, page.browser, app)), page.browser, app);
}

Answer SignInAgain(const PageRequest& form, const domain::Error& error, const App& app) {
  const auto target = FindTarget(form, app);
  if (!target.ok()) return target.error();
  http::SignInPage page = PageOf(*target, std::string(form.params.Get("email")), form.browser, app);
  page.error = error.description;
  return PageResponse(error, http::Render(page), form.browser, app);
}

Outcome HandleSignIn(const FormRequest& form, const App& app) {
  const http::Request& request = form.request;
  const std::string_view password = form.params.Get("password");
  if (std::ranges::any_of(password, base::IsControl)) return SignInAgain(form, Unfit(), app);
  const auto target = FindTarget(form, app);
  if (!target.ok()) return target.error();
  const records::OrganizationId organization_id = target->organization.id;
  const std::string email(form.params.Get("email"));
  auto step = accounts::SignInWithPassword(
      {.request_id = request.request_id,
       .organization_id = organization_id,
       .email = email,
       .password = std::string(password),
       .address = std::string(request.remote_address),
       .user_agent = std::string(request.user_agent),
       .former_cookie = std::string(SessionCookie(organization_id, request, app))},
      app.password_hasher, app.ports);
  return domain::Map(std::move(step),
                     [page = PageOf(*target, email, form.browser, app), browser = form.browser,
                      cookie_name = SessionCookieName(organization_id, app),
                      &app](const domain::Answer<accounts::SignedIn>& answer) -> Answer {
                       if (!answer.ok()) return Refused(answer.error(), page, browser, app);
                       return SignedInResponse(*answer, cookie_name, page.user_code, app);
                     });
}

Outcome HandleForgotPasswordPage(const PageRequest& page, const App& app) {
  const auto target = FindTarget(page, app);
  if (!target.ok()) return target.error();
  return PageResponse(
      http::Render(http::ForgotPasswordPage{.organization_name = target->organization.name,
                                            .organization_slug = target->organization.slug,
                                            .user_code = target->user_code,
                                            .contact = app.ports.settings.support_contact}),
      page.browser, app);
}

Answer SignOutAgain(const PageRequest& form, const domain::Error& error, const App& app) {
  const bool is_of_home = form.params.Get("device").empty();
  return is_of_home ? HomeAgain(form, error, app) : ConfirmAgain(form, error, app);
}

Outcome HandleSignOut(const FormRequest& form, const App& app) {
  const auto target = FindTarget(form, app);
  if (!target.ok()) return target.error();
  const records::OrganizationId organization_id = target->organization.id;
  http::Response response = SeeOther(
      target->user_code.empty() ? "/" : SignInPath(target->organization.slug, target->user_code));
  response.headers.emplace_back(
      "Set-Cookie", http::ExpiredCookie(SessionCookieName(organization_id, app), TransportOf(app)));
  auto step = accounts::SignOut(organization_id, SessionCookie(organization_id, form.request, app),
                                form.request.request_id, app.ports);
  return domain::Map(std::move(step),
                     [response = std::move(response)](
                         const domain::Answer<accounts::SignedOut>& answer) -> Answer {
                       if (!answer.ok()) return answer.error();
                       return response;
                     });
}

}  // namespace worker
