// How many wrong guesses somebody still has, at user codes or at passwords, and what else an address has
// so and so much of. A guess is counted against
// several budgets at once (an address, an account, a browser); where one is spent it is not even
// tried. Not thread-safe; lives for one request.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "oauth/ports.h"

namespace oauth {

class GuessBudget {
 public:
  // `limit` wrong guesses in guess_window_s, counted in `table`.
  GuessBudget(std::uint64_t key, std::int64_t limit, RateLimits& table)
      : key_(key), limit_(limit), table_(&table) {}

  bool IsSpent(const Ports& ports) const;
  void CountWrong(const Ports& ports) const;

 private:
  std::uint64_t key_;
  std::int64_t limit_;
  RateLimits* table_;
};

// Of a network address (IPv6: a /64), and of the IPv6 site around it, which has kNetworksOfASite times
// as much: else the 65,536 networks of one /48 were as many budgets, and filled the table.
inline constexpr std::int64_t kNetworksOfASite = 16;
std::vector<GuessBudget> AddressBudgets(std::string_view purpose, std::string_view address,
                                        std::int64_t limit, const Ports& ports);

// One more of what an address may have of `limit` in `window`, and the site around it (if any) of
// kNetworksOfASite times that. False: one of them has had all of it.
bool TakeOne(std::uint64_t address_key, std::optional<std::uint64_t> site_key, std::int64_t limit,
             base::seconds window, const Ports& ports);

bool AnyIsSpent(std::span<const GuessBudget> budgets, const Ports& ports);
void CountWrong(std::span<const GuessBudget> budgets, const Ports& ports);

}  // namespace oauth
