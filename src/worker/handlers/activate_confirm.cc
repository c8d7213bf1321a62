// The decision (RFC 8628 §3.3, §5.4): everything a person needs to know before it, and two ways
// alike easy.
#include <array>
#include <ctime>
#include <string>

#include "http/errors.h"
#include "http/pages.h"
#include "worker/handlers/activate_code.h"
#include "worker/handlers/handlers.h"
#include "worker/handlers/page_reply.h"

namespace worker {

namespace {

using oauth::ErrorCode;

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

http::ConfirmPage PageOf(const FoundCode& found, const http::Request& request, const Visit& visit,
                         const App& app) {
  using Address = http::ConfirmPage::Address;
  const records::DeviceCodeRow& row = found.code.row;
  return {.service_name = found.code.service_name,
          .organization_name = found.code.organization_name,
          .organization_slug = found.code.organization_slug,
          .user_code = row.user_code,
          .device_name = row.device_name,
          .address = row.address,
          .address_is =
              row.address == request.remote_address ? Address::kSameAsBrowser : Address::kOther,
          .requested_ago = Ago(row.created_at, app.ports.clock.Now()),
          .requested_at = http::Rfc3339(row.created_at),
          .requested_at_clock = ClockText(row.created_at),
          .email = found.sign_in->user_email,
          .csrf = CsrfToken(visit, app)};
}

// Signed in to the code's organization, or sent there first.
base::Result<FoundCode, http::Response> FindSignedIn(const TypedCode& typed,
                                                     const http::Request& request,
                                                     const Visit& visit, const App& app) {
  auto found = FindCode(typed, request, visit, app);
  if (!found.ok()) return CodeErrorResponse(found.error(), typed, visit, app);
  if (found->sign_in) return std::move(*found);
  return SeeOther(SignInPath(found->code.organization_slug, found->code.row.user_code));
}

http::Outcome Decide(const FoundCode& found, bool approve, const http::Request& request,
                     const Visit& visit, const App& app) {
  auto step = oauth::DecideUserCode(found.code,
                                    {.request_id = request.request_id,
                                     .approve = approve,
                                     .user_id = found.sign_in->user_id,
                                     .amr = found.sign_in->amr,
                                     .auth_time = found.sign_in->auth_time},
                                    app.ports);
  const TypedCode typed{.user_code = found.code.row.user_code, .organization_slug = {}};
  http::Response result =
      SeeOther(approve ? "/activate/result?status=approved" : "/activate/result?status=denied");
  return records::Map(std::move(step), [typed, visit, &app, result = std::move(result)](
                                           const oauth::Answer<oauth::Decided>& answer) {
    return answer.ok() ? result : CodeErrorResponse(answer.error(), typed, visit, app);
  });
}

}  // namespace

http::Outcome HandleConfirmPage(const http::Request& request, const App& app) {
  const Visit visit = ReadVisit(request, app);
  const auto params = ReadPageQuery(request, visit);
  if (!params.ok()) return params.error();
  const TypedCode typed{.user_code = std::string(params->Get("user_code")),
                        .organization_slug = {}};
  if (typed.user_code.empty()) return SeeOther("/activate");
  const auto found = FindSignedIn(typed, request, visit, app);
  if (!found.ok()) return found.error();
  return PageResponse(http::Render(PageOf(*found, request, visit, app)), visit, app);
}

http::Outcome HandleConfirm(const http::Request& request, const App& app) {
  const Visit visit = ReadVisit(request, app);
  const auto params = ReadPageForm(request, visit, app);
  if (!params.ok()) return params.error();
  const std::string_view decision = params->Get("decision");
  if (decision != "approve" && decision != "deny") {
    return ErrorPageResponse({.code = ErrorCode::kBadRequest,
                              .description = "The form says neither approve nor refuse."},
                             visit);
  }
  const auto found =
      FindSignedIn({.user_code = std::string(params->Get("user_code")), .organization_slug = {}},
                   request, visit, app);
  if (!found.ok()) return found.error();
  return Decide(*found, decision == "approve", request, visit, app);
}

}  // namespace worker
