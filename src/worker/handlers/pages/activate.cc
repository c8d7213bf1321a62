#include <string>

#include "domain/issuer.h"
#include "http/pages.h"
#include "oauth/device/user_code.h"
#include "worker/handlers/handlers.h"
#include "worker/handlers/pages/activate_code.h"
#include "worker/handlers/pages/found_code.h"
#include "worker/handlers/pages/page_reply.h"
#include "worker/handlers/pages/page_request.h"

namespace worker {

namespace {

TypedCode TypedIn(const http::Params& params) {
  return {.user_code = std::string(params.Get("user_code")),
          .organization_slug = std::string(params.Get("org"))};
}

constexpr std::string_view kByPath = "/o/";

// What an issuer by path says of the organization, if it is one and is asked for.
std::string_view SlugToName(std::string_view issuer, const App& app) {
  if (!oauth::GuessesAreMany(app.ports)) return {};
  const auto organization = domain::OrganizationOf(issuer, app.ports);
  return organization.ok() && *organization ? issuer.substr(kByPath.size()) : std::string_view();
}

}  // namespace

Outcome HandleActivatePage(const PageRequest& page, const App& app) {
  // A verification_uri below /o/: the pages, and the cookies of who signed in, are there once a host.
  // What is no code is not carried there: a header has not the room that a query has.
  const std::string_view issuer = page.request.issuer;
  if (issuer.starts_with(kByPath)) {
    const std::string code = oauth::NormalizeUserCode(page.params.Get("user_code")).value_or("");
    return SeeOther(ActivatePath(code, SlugToName(issuer, app)));
  }
  return ActivateResponse(TypedIn(page.params), page.browser, app);
}

Answer ActivateFormAgain(const PageRequest& form, const domain::Error& error, const App& app) {
  return ActivateAgain(error, TypedIn(form.params), form.browser, app);
}

Outcome HandleActivate(const FormRequest& form, const App& app) {
  const TypedCode typed = TypedIn(form.params);
  const auto found = FindCode(typed, oauth::UserCodeRequest::From::kForm, form, app);
  if (!found.ok()) return CodeErrorResponse(found.error(), typed, form.browser, app);
  const std::string& user_code = found->code.row.user_code;
  http::Response response =
      SeeOther(found->session ? ConfirmPath(user_code)
                              : SignInPath(found->code.organization_slug, user_code));
  response.headers.emplace_back("Set-Cookie", FoundCodeCookie(user_code, form.browser, app));
  return response;
}

Outcome HandleActivationResult(const PageRequest& page, const App& app) {
  using Decision = http::ActivationResultPage::Decision;
  const std::string_view status = page.params.Get("status");
  const bool is_approved = status == "approved";
  if (!is_approved && status != "denied") return SeeOther("/activate");
  return PageResponse(http::Render(http::ActivationResultPage{is_approved ? Decision::kApproved
                                                                          : Decision::kDenied}),
                      page.browser, app);
}

}  // namespace worker
