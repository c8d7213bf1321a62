// The decision (RFC 8628 §3.3, §5.4): everything a person needs to know before it, and two ways
// alike easy.
#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <string>
#include <utility>

#include "accounts/organization.h"
#include "accounts/sign_in.h"
#include "base/bytes.h"
#include "base/rfc3339.h"
#include "http/errors.h"
#include "http/pages.h"
#include "oauth/scope.h"
#include "worker/handlers/handlers.h"
#include "worker/handlers/pages/activate_code.h"
#include "worker/handlers/pages/found_code.h"
#include "worker/handlers/pages/page_reply.h"
#include "worker/handlers/pages/page_request.h"

namespace worker {

namespace {

using domain::ErrorCode;
using From = oauth::UserCodeRequest::From;

std::string Ago(base::Time then, base::Time now) {
  const auto seconds = std::chrono::duration_cast<base::seconds>(now - then).count();
  if (seconds < 60) return "less than a minute ago";
  const auto minutes = seconds / 60;
  return minutes == 1 ? "1 minute ago" : std::to_string(minutes) + " minutes ago";
}

// "14:05 UTC"
std::string ClockText(base::Time time) {
  const std::time_t whole = static_cast<std::time_t>(base::ToUnixSeconds(time));
  std::tm parts{};
  gmtime_r(&whole, &parts);
  std::array<char, 16> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%H:%M UTC", &parts)};
}

std::vector<std::string> WordsOf(std::string_view scope) {
  std::vector<std::string> words;
  for (const oauth::ScopeMeaning& known : oauth::kScopes) {
    if (oauth::HasScope(scope, known.scope)) words.emplace_back(known.words);
  }
  return words;
}

struct Unit {
  std::int64_t seconds;
  std::string_view name;
};
constexpr std::array kUnits{Unit{86400, "day"}, Unit{3600, "hour"}, Unit{60, "minute"},
                            Unit{1, "second"}};

// "180 days": in the largest unit of which there are two or one whole, never less than it is.
std::string LifetimeText(base::seconds lifetime) {
  const std::int64_t seconds = lifetime.count();
  const auto* const unit = std::find_if(kUnits.begin(), kUnits.end(), [seconds](const Unit& u) {
    return seconds >= 2 * u.seconds || seconds == u.seconds;
  });
  if (unit == kUnits.end()) return "a moment";
  const std::int64_t count = (seconds + unit->seconds - 1) / unit->seconds;
  return std::to_string(count) + " " + std::string(unit->name) + (count == 1 ? "" : "s");
}

http::ConfirmPage PageOf(const FoundCode& found, const PageRequest& asked, const App& app) {
  using Address = http::ConfirmPage::Address;
  const records::DeviceCodeRow& row = found.code.row;
  return {.service_name = found.code.service_name,
          .organization_name = found.code.organization_name,
          .organization_slug = found.code.organization_slug,
          .device_code_id = base::ToText(row.id),
          .user_code = row.user_code,
          .device_name = row.device_name,
          .address = row.address,
          .address_is = row.address == asked.request.remote_address ? Address::kSameAsBrowser
                                                                    : Address::kOther,
          .requested_ago = Ago(row.created_at, app.ports.clock.Now()),
          .requested_at = base::Rfc3339(row.created_at),
          .requested_at_clock = ClockText(row.created_at),
          .email = found.session->user_email,
          .error = {},
          .csrf = CsrfToken(asked.browser, app),
          .scopes = WordsOf(row.scope),
          .resource = row.resource,
          .lifetime = LifetimeText(found.code.lifetime)};
}

// Signed in to the code's organization, or sent there first.
base::Result<FoundCode, Answer> FindSignedIn(const TypedCode& typed, From from,
                                             const PageRequest& page, const App& app) {
  auto found = FindCode(typed, from, page, app);
  if (!found.ok()) return CodeErrorResponse(found.error(), typed, page.browser, app);
  if (found->session) return std::move(*found);
  return Answer(SeeOther(SignInPath(found->code.organization_slug, found->code.row.user_code)));
}

// The organization is that of a form of this page, or one that a link names.
TypedCode TypedIn(const http::Params& params) {
  return {.user_code = std::string(params.Get("user_code")),
          .organization_slug = std::string(params.Get("org"))};
}

// What a form of the confirm page asks for.
struct Decision {
  enum class Verdict { kApprove, kDeny };
  Verdict verdict = Verdict::kDeny;
  records::OrganizationId organization_id;
  records::DeviceCodeId device_code_id;
  records::UserId user_id;
};

std::optional<Decision::Verdict> VerdictOf(const http::Params& params) {
  const std::string_view text = params.Get("decision");
  if (text == "approve") return Decision::Verdict::kApprove;
  if (text == "deny") return Decision::Verdict::kDeny;
  return std::nullopt;
}

http::Response ResultOf(Decision::Verdict verdict) {
  return SeeOther(verdict == Decision::Verdict::kApprove ? "/activate/result?status=approved"
                                                         : "/activate/result?status=denied");
}

// True where this user decided just so before: a button pressed twice, or a request that nginx sent
// again because its first answer was lost. The code itself is gone from the live ones by then.
bool IsDone(const Decision& decision, const App& app) {
  using State = records::DeviceCodeState;
  const auto row =
      app.ports.reader.FindDeviceCode(decision.organization_id, decision.device_code_id);
  if (!row.ok() || row->user_id != decision.user_id) return false;
  if (decision.verdict == Decision::Verdict::kDeny) return row->state == State::kDenied;
  return row->state == State::kApproved || row->state == State::kRedeemed;
}

// The row that a form names, by whoever is signed in to its organization; nullopt: nobody is.
std::optional<Decision> NamedBy(const PageRequest& form, const App& app) {
  const auto organization = accounts::FindActiveOrganization(form.params.Get("org"), app.ports);
  const auto device_code_id = base::ParseUuid(form.params.Get("device"));
  if (!organization.ok() || !device_code_id) return std::nullopt;
  const auto session = accounts::FindSession(
      organization->id, SessionCookie(organization->id, form.request, app), app.ports);
  if (!session.ok() || !*session) return std::nullopt;
  return Decision{.organization_id = organization->id,
                  .device_code_id = {*device_code_id},
                  .user_id = (*session)->user_id};
}

bool RepeatsDecision(const PageRequest& form, Decision::Verdict verdict, const App& app) {
  auto decision = NamedBy(form, app);
  if (!decision) return false;
  decision->verdict = verdict;
  return IsDone(*decision, app);
}

// So looking its code up is no guess.
bool NamesItsCode(const PageRequest& form, const App& app) {
  const auto named = NamedBy(form, app);
  if (!named) return false;
  const auto row = app.ports.reader.FindDeviceCode(named->organization_id, named->device_code_id);
  return row.ok() && row->state == records::DeviceCodeState::kPending &&
         row->expires_at > app.ports.clock.Now() && row->user_code == form.params.Get("user_code");
}

Outcome Decide(const FoundCode& found, Decision::Verdict verdict, const PageRequest& form,
               const App& app) {
  const Decision decision{.verdict = verdict,
                          .organization_id = found.code.row.organization_id,
                          .device_code_id = found.code.row.id,
                          .user_id = found.session->user_id};
  auto step = oauth::DecideUserCode(found.code,
                                    {.request_id = form.request.request_id,
                                     .approve = verdict == Decision::Verdict::kApprove,
                                     .user_id = decision.user_id,
                                     .amr = found.session->amr,
                                     .auth_time = found.session->auth_time,
                                     .session_epoch = found.session->user_session_epoch},
                                    app.ports);
  const TypedCode typed{.user_code = found.code.row.user_code,
                        .organization_slug = found.code.organization_slug};
  return domain::Map(std::move(step),
                     [decision, typed, browser = form.browser,
                      &app](const domain::Answer<oauth::Decided>& answer) -> Answer {
                       if (answer.ok()) return ResultOf(decision.verdict);
                       const bool is_decided = answer.error().code == ErrorCode::kBadRequest;
                       if (is_decided && IsDone(decision, app)) return ResultOf(decision.verdict);
                       return CodeErrorResponse(answer.error(), typed, browser, app);
                     });
}

// Looking a code up is a guess that may count, so no other site may make a browser do it: it holds our
// cookie, which SameSite keeps from other sites' images and frames, and no other site sent it. Who does
// not pass gets the form with the code filled in, which is one press more.
bool MayLookUp(const PageRequest& page) {
  return page.browser.state == BrowserContext::State::kKnown && IsFromHere(page.request);
}

}  // namespace

Outcome HandleConfirmPage(const PageRequest& page, const App& app) {
  const TypedCode typed = TypedIn(page.params);
  if (typed.user_code.empty()) return SeeOther("/activate");
  if (!MayLookUp(page)) return ActivateResponse(typed, page.browser, app);
  const bool is_known = WasFound(typed.user_code, page.request, page.browser, app);
  const auto found = FindSignedIn(typed, is_known ? From::kKnown : From::kLink, page, app);
  if (!found.ok()) return found.error();
  return PageResponse(http::Render(PageOf(*found, page, app)), page.browser, app);
}

Answer ConfirmAgain(const PageRequest& form, const domain::Error& error, const App& app) {
  const TypedCode code = TypedIn(form.params);
  if (!NamesItsCode(form, app)) return ActivateAgain(error, code, form.browser, app);
  const auto found = FindSignedIn(code, From::kKnown, form, app);
  if (!found.ok()) return found.error();
  http::ConfirmPage page = PageOf(*found, form, app);
  page.error = error.description;
  return PageResponse(error, http::Render(page), form.browser, app);
}

Outcome HandleConfirm(const FormRequest& form, const App& app) {
  const auto verdict = VerdictOf(form.params);
  if (!verdict) {
    return domain::Error{.code = ErrorCode::kBadRequest,
                         .description = "The form says neither approve nor refuse."};
  }
  if (RepeatsDecision(form, *verdict, app)) return ResultOf(*verdict);
  const TypedCode typed = TypedIn(form.params);
  const bool is_known =
      WasFound(typed.user_code, form.request, form.browser, app) || NamesItsCode(form, app);
  const auto found = FindSignedIn(typed, is_known ? From::kKnown : From::kForm, form, app);
  if (!found.ok()) return found.error();
  // The code may have been given to another device since the page was drawn: what was shown is decided, or
  // nothing.
  if (base::ToText(found->code.row.id) != form.params.Get("device")) {
    return PageResponse(http::Render(PageOf(*found, form, app)), form.browser, app);
  }
  return Decide(*found, *verdict, form, app);
}

}  // namespace worker
