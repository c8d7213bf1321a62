// How many wrong passwords an account and an address still have.
#pragma once

#include <string_view>

#include "oauth/ports.h"

namespace accounts {

class GuessBudget {
 public:
  GuessBudget(std::uint64_t key, std::int64_t limit) : key_(key), limit_(limit) {}

  bool IsSpent(const oauth::Ports& ports) const;
  void CountWrong(const oauth::Ports& ports) const;

 private:
  std::uint64_t key_;
  std::int64_t limit_;
};

GuessBudget AddressBudget(std::string_view address, const oauth::Ports& ports);
// Wrong passwords before `unlocked_at` of the user count no more.
GuessBudget AccountBudget(const records::UserRow& user, const oauth::Ports& ports);
// The same for an e-mail that nobody has.
GuessBudget NobodysBudget(records::OrganizationId organization_id, std::string_view email,
                          const oauth::Ports& ports);

}  // namespace accounts
