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
#include "worker/handlers/pages/page_again.h"
#include "worker/handlers/pages/page_form.h"
#include "worker/handlers/pages/page_reply.h"

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

http::ConfirmPage PageOf(const FoundCode& found, const http::Request& request, const Visit& visit,
                         const App& app) {
  using Address = http::ConfirmPage::Address;
  const records::DeviceCodeRow& row = found.code.row;
  return {.service_name = found.code.service_name,
          .organization_name = found.code.organization_name,
          .organization_slug = found.code.organization_slug,
          .device_code_id = base::ToText(row.id),
          .user_code = row.user_code,
          .device_name = row.device_name,
          .address = row.address,
          .address_is =
              row.address == request.remote_address ? Address::kSameAsBrowser : Address::kOther,
          .requested_ago = Ago(row.created_at, app.ports.clock.Now()),
          .requested_at = base::Rfc3339(row.created_at),
          .requested_at_clock = ClockText(row.created_at),
          .email = found.session->user_email,
          .error = {},
          .csrf = CsrfToken(visit, app),
          .scopes = WordsOf(row.scope),
          .resource = row.resource,
          .lifetime = LifetimeText(found.code.lifetime)};
}

// Signed in to the code's organization, or sent there first.
base::Result<FoundCode, http::Response> FindSignedIn(const TypedCode& typed, From from,
                                                     const http::Request& request,
                                                     const Visit& visit, const App& app) {
  auto found = FindCode(typed, from, request, visit, app);
  if (!found.ok()) return CodeErrorResponse(found.error(), typed, visit, app);
  if (found->session) return std::move(*found);
  return SeeOther(SignInPath(found->code.organization_slug, found->code.row.user_code));
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
std::optional<Decision> NamedBy(const http::Params& params, const http::Request& request,
                                const App& app) {
  const auto organization = accounts::FindActiveOrganization(params.Get("org"), app.ports);
  const auto device_code_id = base::ParseUuid(params.Get("device"));
  if (!organization.ok() || !device_code_id) return std::nullopt;
  const auto session = accounts::FindSession(
      organization->id, SessionCookie(organization->id, request, app), app.ports);
  if (!session.ok() || !*session) return std::nullopt;
  return Decision{.organization_id = organization->id,
                  .device_code_id = {*device_code_id},
                  .user_id = (*session)->user_id};
}

bool RepeatsDecision(const http::Params& params, Decision::Verdict verdict,
                     const http::Request& request, const App& app) {
  auto decision = NamedBy(params, request, app);
  if (!decision) return false;
  decision->verdict = verdict;
  return IsDone(*decision, app);
}

// So looking its code up is no guess.
bool NamesItsCode(const http::Params& params, const http::Request& request, const App& app) {
  const auto named = NamedBy(params, request, app);
  if (!named) return false;
  const auto row = app.ports.reader.FindDeviceCode(named->organization_id, named->device_code_id);
  return row.ok() && row->state == records::DeviceCodeState::kPending &&
         row->expires_at > app.ports.clock.Now() && row->user_code == params.Get("user_code");
}

http::Outcome Decide(const FoundCode& found, Decision::Verdict verdict,
                     records::RecordId request_id, const Visit& visit, const App& app) {
  const Decision decision{.verdict = verdict,
                          .organization_id = found.code.row.organization_id,
                          .device_code_id = found.code.row.id,
                          .user_id = found.session->user_id};
  auto step = oauth::DecideUserCode(found.code,
                                    {.request_id = request_id,
                                     .approve = verdict == Decision::Verdict::kApprove,
                                     .user_id = decision.user_id,
                                     .amr = found.session->amr,
                                     .auth_time = found.session->auth_time,
                                     .session_epoch = found.session->user_session_epoch},
                                    app.ports);
  const TypedCode typed{.user_code = found.code.row.user_code,
                        .organization_slug = found.code.organization_slug};
  return domain::Map(std::move(step),
                     [decision, typed, visit, &app](const domain::Answer<oauth::Decided>& answer) {
                       if (answer.ok()) return ResultOf(decision.verdict);
                       const bool is_decided = answer.error().code == ErrorCode::kBadRequest;
                       if (is_decided && IsDone(decision, app)) return ResultOf(decision.verdict);
                       return CodeErrorResponse(answer.error(), typed, visit, app);
                     });
}

// Looking a code up is a guess that may count, so no other site may make a browser do it: it holds our
// cookie, which SameSite keeps from other sites' images and frames, and no other site sent it. Who does
// not pass gets the form with the code filled in, which is one press more.
bool MayLookUp(const http::Request& request, const Visit& visit) {
  return visit.browser == Visit::Browser::kKnown && IsFromHere(request);
}

}  // namespace

http::Response ConfirmAgain(const domain::Error& error, const http::Params& typed,
                            const http::Request& request, const Visit& visit, const App& app) {
  const TypedCode code = TypedIn(typed);
  if (!NamesItsCode(typed, request, app)) return ActivateAgain(error, code, visit, app);
  const auto found = FindSignedIn(code, From::kKnown, request, visit, app);
  if (!found.ok()) return found.error();
  http::ConfirmPage page = PageOf(*found, request, visit, app);
  page.error = error.description;
  return PageResponse(error, http::Render(page), visit, app);
}

http::Outcome HandleConfirmPage(const http::Request& request, const App& app) {
  const Visit visit = ReadVisit(request, app);
  const auto params = ReadPageQuery(request, visit);
  if (!params.ok()) return params.error();
  const TypedCode typed = TypedIn(*params);
  if (typed.user_code.empty()) return SeeOther("/activate");
  if (!MayLookUp(request, visit)) return ActivateResponse(typed, visit, app);
  const bool is_known = WasFound(typed.user_code, request, visit, app);
  const auto found =
      FindSignedIn(typed, is_known ? From::kKnown : From::kLink, request, visit, app);
  if (!found.ok()) return found.error();
  return PageResponse(http::Render(PageOf(*found, request, visit, app)), visit, app);
}

http::Outcome HandleConfirm(const http::Request& request, const App& app) {
  const Visit visit = ReadVisit(request, app);
  const auto params =
      ReadPageForm(request, visit, app, [&](const http::Params& typed, const domain::Error& error) {
        return ConfirmAgain(error, typed, request, visit, app);
      });
  if (!params.ok()) return params.error();
  const auto verdict = VerdictOf(*params);
  if (!verdict) {
    return ErrorPageResponse({.code = ErrorCode::kBadRequest,
                              .description = "The form says neither approve nor refuse."},
                             visit);
  }
  if (RepeatsDecision(*params, *verdict, request, app)) return ResultOf(*verdict);
  const TypedCode typed = TypedIn(*params);
  const bool is_known =
      WasFound(typed.user_code, request, visit, app) || NamesItsCode(*params, request, app);
  const auto found =
      FindSignedIn(typed, is_known ? From::kKnown : From::kForm, request, visit, app);
  if (!found.ok()) return found.error();
  // The code may have been given to another device since the page was drawn: what was shown is decided, or
  // nothing.
  if (base::ToText(found->code.row.id) != params->Get("device")) {
    return PageResponse(http::Render(PageOf(*found, request, visit, app)), visit, app);
  }
  return Decide(*found, *verdict, request.request_id, visit, app);
}

}  // namespace worker
