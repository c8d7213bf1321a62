#include "oauth/guess_budget.h"

#include <algorithm>

#include "oauth/limit_keys.h"

namespace oauth {

bool GuessBudget::IsSpent(const Ports& ports) const {
  return table_->Count(key_, ports.clock.SinceBoot()) >= static_cast<std::uint64_t>(limit_);
}

void GuessBudget::CountWrong(const Ports& ports) const {
  table_->Take(key_, static_cast<std::uint32_t>(limit_),
               base::seconds(ports.settings.guess_window_s), ports.clock.SinceBoot());
}

std::vector<GuessBudget> AddressBudgets(std::string_view purpose, std::string_view address,
                                        std::int64_t limit, const Ports& ports) {
  std::vector<GuessBudget> budgets;
  if (const auto site = SiteKey(purpose, address)) {
    budgets.emplace_back(*site, kNetworksOfASite * limit, ports.guesses);
  }
  budgets.emplace_back(AddressKey(purpose, address), limit, ports.guesses);
  return budgets;
}

bool TakeOne(std::uint64_t address_key, std::optional<std::uint64_t> site_key, std::int64_t limit,
             base::seconds window, const Ports& ports) {
  const auto take = [&](std::uint64_t key, std::int64_t most) {
    return ports.quotas.Take(key, static_cast<std::uint32_t>(most), window,
                             ports.clock.SinceBoot());
  };
  return take(address_key, limit) && (!site_key || take(*site_key, kNetworksOfASite * limit));
}

bool AnyIsSpent(std::span<const GuessBudget> budgets, const Ports& ports) {
  return std::any_of(budgets.begin(), budgets.end(),
                     [&](const GuessBudget& budget) { return budget.IsSpent(ports); });
}

void CountWrong(std::span<const GuessBudget> budgets, const Ports& ports) {
  for (const GuessBudget& budget : budgets) budget.CountWrong(ports);
}

}  // namespace oauth
