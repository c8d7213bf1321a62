// How many rows of a kind may be alive at a time, decided by the writer. 0: no limit.
#pragma once

#include <cstdint>

namespace store {

struct RowLimits {
  std::int64_t sessions_per_user = 200;  // beyond it the oldest ends
  std::int64_t sign_ins_per_user = 20;   // beyond it the oldest ends
  std::int64_t live_codes_per_client = 20'000;
  std::int64_t live_codes = 500'000;
};

}  // namespace store
