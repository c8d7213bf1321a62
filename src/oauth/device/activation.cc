#include "oauth/device/activation.h"

#include "domain/guess_budget.h"
#include "oauth/device/user_code.h"
#include "oauth/grant.h"
#include "oauth/tokens.h"

namespace oauth {

namespace {

domain::Error WrongCode() {
  return {.code = domain::ErrorCode::kBadRequest,
          .description = "This code is not valid. Check it, or ask the device for a new one."};
}

domain::LimitKey AllGuesses() { return domain::GlobalKey(domain::LimitPurpose::kUserCodeForm); }

domain::NetworkBudget BudgetOf(UserCodeRequest::From from, std::string_view address,
                               const domain::Ports& ports) {
  const bool is_form = from == UserCodeRequest::From::kForm;
  return {is_form ? domain::LimitPurpose::kUserCodeForm : domain::LimitPurpose::kUserCodeLink,
          address,
          {.limit = ports.settings.user_code_attempts_per_address,
           .window = base::seconds(ports.settings.guess_window_s)}};
}

constexpr std::string_view kWait = "Too many wrong codes. Wait a few minutes, then try again.";
// Forms have a budget of their own.
constexpr std::string_view kUseForm =
    "Too many wrong codes came here in links. Compare this code with the one your device shows, "
    "then send it with this form.";

// Of a browser's budget everybody may have as many as wished, so the address has one, too.
class GuessBudgets {
 public:
  GuessBudgets(const UserCodeRequest& request, const domain::Ports& ports)
      : address_(BudgetOf(request.from, request.address, ports)),
        is_link_(request.from == UserCodeRequest::From::kLink) {
    if (request.guess_session.empty()) return;
    browser_.emplace(
        domain::BrowserKey(domain::LimitPurpose::kUserCodeBrowser, request.guess_session),
        ports.settings.user_code_attempts_per_session,
        base::seconds(ports.settings.guess_window_s));
  }
  // The answer where one is spent.
  std::optional<domain::Error> Refusal(const domain::Ports& ports) const {
    const domain::Spent address = address_.SpentFor(ports);
    const domain::Spent browser = browser_ ? browser_->SpentFor(ports) : std::nullopt;
    if (!address && !browser) return std::nullopt;
    const bool may_type = is_link_ && !browser;
    return domain::TooMany(may_type ? kUseForm : kWait, address ? *address : *browser);
  }
  void CountWrong(const domain::Ports& ports) const {
    address_.Take(ports);
    if (browser_) browser_->Take(ports);
    ports.limits.Take(AllGuesses(), UINT32_MAX, base::seconds(ports.settings.guess_window_s),
                      ports.clock.SinceBoot());
  }

 private:
  domain::NetworkBudget address_;
  bool is_link_;
  std::optional<domain::KeyBudget> browser_;
};

// Beyond the global budget a code is only good for who knows its organization; an issuer of it says
// as much as its name.
bool KnowsOrganization(const UserCodeRequest& request, const LiveUserCode& code) {
  return request.organization == code.row.organization_id ||
         request.organization_slug == code.organization_slug ||
         (request.is_signed_in && request.is_signed_in(code.row.organization_id));
}

// Whether the device could still get what the person would approve.
bool IsStillWanted(const records::DeviceCodeRow& row, const records::ClientRow& client,
                   const records::ServiceRow& service) {
  return !client.disabled &&
         CheckGrant(GrantType::kDeviceCode, {.scope = row.scope, .resource = row.resource},
                    {.scope = {}, .resource = {}}, client, service)
             .ok();
}

domain::Answer<LiveUserCode> Describe(records::DeviceCodeRow row, const domain::Ports& ports) {
  const auto organization = ports.directory.FindOrganization(row.organization_id);
  const auto client = ports.directory.FindClientByRow(row.organization_id, row.client_row_id);
  const auto service = ports.directory.FindService(row.organization_id, row.service_id);
  for (const base::Status& status : {organization.status(), client.status(), service.status()}) {
    if (status.code() == base::Code::kNotFound) return WrongCode();
    if (!status.ok()) return domain::ErrorOf(status.code());
  }
  if ((*organization)->status != records::OrganizationStatus::kActive) return WrongCode();
  if (!IsStillWanted(row, **client, **service)) return WrongCode();
  return LiveUserCode{.row = std::move(row),
                      .organization_slug = (*organization)->slug,
                      .organization_name = (*organization)->name,
                      .service_slug = (*service)->slug,
                      .service_name = (*service)->name,
                      .lifetime = GrantLifetime(**client, **service, ports.settings)};
}

domain::Answer<LiveUserCode> LookUp(const UserCodeRequest& request, const domain::Ports& ports) {
  const auto user_code = NormalizeUserCode(request.user_code);
  if (!user_code) return WrongCode();
  auto row = ports.reader.FindLiveUserCode(*user_code);
  if (!row.ok()) {
    return row.error().code() == base::Code::kNotFound ? WrongCode()
                                                       : domain::ErrorOf(row.error().code());
  }
  if (request.organization && *request.organization != row->organization_id) return WrongCode();
  const bool is_live =
      row->state == records::DeviceCodeState::kPending && row->expires_at > ports.clock.Now();
  return is_live ? Describe(std::move(*row), ports) : WrongCode();
}

}  // namespace

domain::Answer<LiveUserCode> VerifyUserCode(const UserCodeRequest& request,
                                            const domain::Ports& ports) {
  if (request.from == UserCodeRequest::From::kKnown) return LookUp(request, ports);
  const GuessBudgets budgets(request, ports);
  if (auto refusal = budgets.Refusal(ports)) {
    ports.Note(domain::Event::kUserCodesLimited);
    return std::move(*refusal);
  }
  auto found = LookUp(request, ports);
  if (found.ok() && GuessesAreMany(ports) && !KnowsOrganization(request, *found)) {
    found = WrongCode();
  }
  if (!found.ok() && found.error().code == domain::ErrorCode::kBadRequest) {
    ports.Note(domain::Event::kWrongUserCode);
    budgets.CountWrong(ports);
  }
  return found;
}

domain::Step<domain::Answer<Decided>> DecideUserCode(const LiveUserCode& code,
                                                     const Decision& decision,
                                                     const domain::Ports& ports) {
  // A row and two events of the audit log each.
  const domain::KeyBudget budget(
      domain::AccountKey(domain::LimitPurpose::kDecision, code.row.organization_id,
                         decision.user_id, base::Time()),
      ports.settings.approvals_per_account, base::seconds(60));
  if (const domain::Spent spent = budget.Take(ports)) {
    ports.Note(domain::Event::kDecisionsLimited);
    return domain::TooMany(
        "This account connects devices too often. Wait a minute, then try again.", *spent);
  }
  return domain::PendingWrite<domain::Answer<Decided>>{
      records::DecideDeviceCode{.record_id = decision.request_id,
                                .device_code_id = code.row.id,
                                .organization_id = code.row.organization_id,
                                .approve = decision.approve,
                                .user_id = decision.user_id,
                                .amr = decision.amr,
                                .auth_time = decision.auth_time,
                                .decided_at = ports.clock.Now(),
                                .session_epoch = decision.session_epoch},
      [](const records::WriteResult& result) -> domain::Step<domain::Answer<Decided>> {
        switch (result.code) {
          case base::Code::kOk:
            return Decided{};
          case base::Code::kConflict:
          case base::Code::kExpired:
          case base::Code::kNotFound:
            return WrongCode();
          case base::Code::kDenied:
            return domain::Error{.code = domain::ErrorCode::kAccessDenied,
                                 .description = "You were signed out meanwhile. Sign in again."};
          default:
            return domain::ErrorOf(result.code);
        }
      }};
}

bool GuessesAreMany(const domain::Ports& ports) {
  return ports.limits.Count(AllGuesses(), ports.clock.SinceBoot()) >=
         static_cast<std::uint64_t>(ports.settings.user_code_attempts_global);
}

}  // namespace oauth
