#include <string>

#include "domain/issuer.h"
#include "http/pages.h"
#include "oauth/device/user_code.h"
#include "worker/handlers/handlers.h"
#include "worker/handlers/pages/activate_code.h"
#include "worker/handlers/pages/found_code.h"
#include "worker/handlers/pages/page_form.h"
#include "worker/handlers/pages/page_reply.h"

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

http::Outcome HandleActivatePage(const http::Request& request, const App& app) {
  const Visit visit = ReadVisit(request, app);
  const auto params = ReadPageQuery(request, visit);
  if (!params.ok()) return params.error();
  // A verification_uri below /o/: the pages, and the cookies of who signed in, are there once a host.
  // What is no code is not carried there: a header has not the room that a query has.
  if (request.issuer.starts_with(kByPath)) {
    const std::string code = oauth::NormalizeUserCode(params->Get("user_code")).value_or("");
    return SeeOther(ActivatePath(code, SlugToName(request.issuer, app)));
  }
  return ActivateResponse(TypedIn(*params), visit, app);
}

http::Outcome HandleActivate(const http::Request& request, const App& app) {
  const Visit visit = ReadVisit(request, app);
  const auto params =
      ReadPageForm(request, visit, app, [&](const http::Params& typed, const domain::Error& error) {
        return ActivateAgain(error, TypedIn(typed), visit, app);
      });
  if (!params.ok()) return params.error();
  const TypedCode typed = TypedIn(*params);
  const auto found = FindCode(typed, oauth::UserCodeRequest::From::kForm, request, visit, app);
  if (!found.ok()) return CodeErrorResponse(found.error(), typed, visit, app);
  const std::string& user_code = found->code.row.user_code;
  http::Response response =
      SeeOther(found->session ? ConfirmPath(user_code)
                              : SignInPath(found->code.organization_slug, user_code));
  response.headers.emplace_back("Set-Cookie", FoundCodeCookie(user_code, visit, app));
  return response;
}

http::Outcome HandleActivationResult(const http::Request& request, const App& app) {
  const Visit visit = ReadVisit(request, app);
  const auto params = ReadPageQuery(request, visit);
  if (!params.ok()) return params.error();
  using Decision = http::ActivationResultPage::Decision;
  const bool is_approved = params->Get("status") == "approved";
  if (!is_approved && params->Get("status") != "denied") return SeeOther("/activate");
  return PageResponse(http::Render(http::ActivationResultPage{is_approved ? Decision::kApproved
                                                                          : Decision::kDenied}),
                      visit, app);
}

}  // namespace worker
