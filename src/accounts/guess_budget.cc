#include "accounts/guess_budget.h"

#include "oauth/limit_keys.h"

namespace accounts {

namespace {

constexpr auto kPurpose = oauth::LimitPurpose::kPasswordGuess;

}  // namespace

bool GuessBudget::IsSpent(const oauth::Ports& ports) const {
  return ports.rates.Count(key_, ports.clock.SinceBoot()) >= static_cast<std::uint64_t>(limit_);
}

void GuessBudget::CountWrong(const oauth::Ports& ports) const {
  ports.rates.Take(key_, static_cast<std::uint32_t>(limit_),
                   base::seconds(ports.settings.guess_window_s), ports.clock.SinceBoot());
}

GuessBudget AddressBudget(std::string_view address, const oauth::Ports& ports) {
  return {oauth::AddressKey(kPurpose, address), ports.settings.password_attempts_per_address};
}

GuessBudget AccountBudget(const records::UserRow& user, const oauth::Ports& ports) {
  return {oauth::AccountKey(kPurpose, user.organization_id, user.id, user.unlocked_at),
          ports.settings.password_attempts_per_account};
}

GuessBudget NobodysBudget(records::OrganizationId organization_id, std::string_view email,
                          const oauth::Ports& ports) {
  return {oauth::UnknownAccountKey(kPurpose, organization_id, email),
          ports.settings.password_attempts_per_account};
}

}  // namespace accounts
