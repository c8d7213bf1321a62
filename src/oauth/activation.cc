#include "oauth/activation.h"

#include "oauth/limit_keys.h"
#include "oauth/user_code.h"

namespace oauth {

namespace {

Error WrongCode() {
  return {.code = ErrorCode::kBadRequest,
          .description = "This code is not valid. Check it, or ask the device for a new one."};
}

Error TooManyGuesses() {
  return {.code = ErrorCode::kTooManyRequests,
          .description = "Too many wrong codes. Wait a few minutes, then try again."};
}

struct Budget {
  std::uint64_t key = 0;
  std::int64_t limit = 0;
};

std::vector<Budget> BudgetsOf(const UserCodeRequest& request, const base::Settings& settings) {
  std::vector<Budget> budgets{
      {AddressKey("user_code", request.address), settings.user_code_attempts_per_address}};
  if (!request.guess_session.empty()) {
    budgets.push_back({base::Hash64("user_code session " + request.guess_session),
                       settings.user_code_attempts_per_session});
  }
  return budgets;
}

std::uint64_t GlobalKey() { return base::Hash64("user_code global"); }

bool IsSpent(const Budget& budget, const Ports& ports) {
  return ports.rates.Count(budget.key, ports.clock.SinceBoot()) >=
         static_cast<std::uint64_t>(budget.limit);
}

void CountWrongGuess(const std::vector<Budget>& budgets, const Ports& ports) {
  const base::seconds window(ports.settings.guess_window_s);
  const base::milliseconds now = ports.clock.SinceBoot();
  for (const Budget& budget : budgets) {
    ports.rates.Take(budget.key, static_cast<std::uint32_t>(budget.limit), window, now);
  }
  ports.rates.Take(GlobalKey(), UINT32_MAX, window, now);
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
  const bool is_live =
      row->state == records::DeviceCodeState::kPending && row->expires_at > ports.clock.Now();
  return is_live ? Describe(std::move(*row), ports) : WrongCode();
}

}  // namespace

Answer<LiveUserCode> VerifyUserCode(const UserCodeRequest& request, const Ports& ports) {
  const auto budgets = BudgetsOf(request, ports.settings);
  for (const Budget& budget : budgets) {
    if (IsSpent(budget, ports)) return TooManyGuesses();
  }
  auto found = LookUp(request, ports);
  if (!found.ok() && found.error().code == ErrorCode::kBadRequest) CountWrongGuess(budgets, ports);
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
                                .decided_at = ports.clock.Now()},
      [](const records::WriteResult& result) -> records::Step<Answer<Decided>> {
        switch (result.code) {
          case base::Code::kOk:
            return Decided{};
          case base::Code::kConflict:
          case base::Code::kExpired:
          case base::Code::kNotFound:
            return WrongCode();
          default:
            return ErrorOf(result.code);
        }
      }};
}

bool GuessesAreMany(const Ports& ports) {
  return ports.rates.Count(GlobalKey(), ports.clock.SinceBoot()) >=
         static_cast<std::uint64_t>(ports.settings.user_code_attempts_global);
}

}  // namespace oauth
