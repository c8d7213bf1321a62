#include "oauth/device/activation.h"

#include "oauth/device/user_code.h"
#include "oauth/guess_budget.h"
#include "oauth/limit_keys.h"

namespace oauth {

namespace {

constexpr auto kPurpose = LimitPurpose::kUserCodeGuess;

Error WrongCode() {
  return {.code = ErrorCode::kBadRequest,
          .description = "This code is not valid. Check it, or ask the device for a new one."};
}

Error TooManyGuesses() {
  return {.code = ErrorCode::kTooManyRequests,
          .description = "Too many wrong codes. Wait a few minutes, then try again."};
}

// Address first: a browser's budget, of which everybody may have as many as wished, is only asked
// about where the address has one left.
std::vector<GuessBudget> BudgetsOf(const UserCodeRequest& request, const Ports& ports) {
  auto budgets = AddressBudgets(kPurpose, request.address,
                                ports.settings.user_code_attempts_per_address, ports);
  if (!request.guess_session.empty()) {
    budgets.emplace_back(BrowserKey(kPurpose, request.guess_session),
                         ports.settings.user_code_attempts_per_session, ports.quotas);
  }
  return budgets;
}

// Beyond the global budget a code is only good for who knows its organization; an issuer of it says
// as much as its name.
bool KnowsOrganization(const UserCodeRequest& request, const LiveUserCode& code) {
  return request.organization == code.row.organization_id ||
         request.organization_slug == code.organization_slug ||
         (request.is_signed_in && request.is_signed_in(code.row.organization_id));
}

Answer<LiveUserCode> Describe(records::DeviceCodeRow row, const Ports& ports) {
  const auto organization = ports.directory.FindOrganization(row.organization_id);
  const auto service = ports.directory.FindService(row.organization_id, row.service_id);
  for (const base::Status& status : {organization.status(), service.status()}) {
    if (status.code() == base::Code::kNotFound) return WrongCode();
    if (!status.ok()) return ErrorOf(status.code());
  }
  if ((*organization)->status != records::OrganizationStatus::kActive) return WrongCode();
  return LiveUserCode{.row = std::move(row),
                      .organization_slug = (*organization)->slug,
                      .organization_name = (*organization)->name,
                      .service_slug = (*service)->slug,
                      .service_name = (*service)->name};
}

Answer<LiveUserCode> LookUp(const UserCodeRequest& request, const Ports& ports) {
  const auto user_code = NormalizeUserCode(request.user_code);
  if (!user_code) return WrongCode();
  auto row = ports.reader.FindLiveUserCode(*user_code);
  if (!row.ok()) {
    return row.error().code() == base::Code::kNotFound ? WrongCode() : ErrorOf(row.error().code());
  }
  if (request.organization && *request.organization != row->organization_id) return WrongCode();
  const bool is_live =
      row->state == records::DeviceCodeState::kPending && row->expires_at > ports.clock.Now();
  return is_live ? Describe(std::move(*row), ports) : WrongCode();
}

}  // namespace

Answer<LiveUserCode> VerifyUserCode(const UserCodeRequest& request, const Ports& ports) {
  const auto budgets = BudgetsOf(request, ports);
  if (AnyIsSpent(budgets, ports)) {
    ports.Note(Event::kUserCodesLimited);
    return TooManyGuesses();
  }
  auto found = LookUp(request, ports);
  if (found.ok() && GuessesAreMany(ports) && !KnowsOrganization(request, *found)) {
    found = WrongCode();
  }
  if (!found.ok() && found.error().code == ErrorCode::kBadRequest) {
    ports.Note(Event::kWrongUserCode);
    CountWrong(budgets, ports);
    ports.guesses.Take(GlobalKey(kPurpose), UINT32_MAX,
                       base::seconds(ports.settings.guess_window_s), ports.clock.SinceBoot());
  }
  return found;
}

records::Step<Answer<Decided>> DecideUserCode(const LiveUserCode& code, const Decision& decision,
                                              const Ports& ports) {
  return records::PendingWrite<Answer<Decided>>{
      records::DecideDeviceCode{.record_id = decision.request_id,
                                .device_code_id = code.row.id,
                                .organization_id = code.row.organization_id,
                                .approve = decision.approve,
                                .user_id = decision.user_id,
                                .amr = decision.amr,
                                .auth_time = decision.auth_time,
                                .decided_at = ports.clock.Now(),
                                .session_epoch = decision.session_epoch},
      [](const records::WriteResult& result) -> records::Step<Answer<Decided>> {
        switch (result.code) {
          case base::Code::kOk:
            return Decided{};
          case base::Code::kConflict:
          case base::Code::kExpired:
          case base::Code::kNotFound:
            return WrongCode();
          case base::Code::kDenied:
            return Error{.code = ErrorCode::kAccessDenied,
                         .description = "You were signed out meanwhile. Sign in again."};
          default:
            return ErrorOf(result.code);
        }
      }};
}

bool GuessesAreMany(const Ports& ports) {
  return ports.guesses.Count(GlobalKey(kPurpose), ports.clock.SinceBoot()) >=
         static_cast<std::uint64_t>(ports.settings.user_code_attempts_global);
}

}  // namespace oauth
