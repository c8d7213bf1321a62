#include "crypto/uuid_v7.h"

#include <algorithm>
#include <cstdint>
#include <span>

namespace crypto {

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// |                 unix_ts_ms (48 bits, big-endian)              |
// |          unix_ts_ms           | 0 1 1 1 |       rand_a        |
// |1 0|                        rand_b                             |
// |                            rand_b                             |
base::IdBytes NewUuidV7(base::Time now, domain::Random& random) {
  constexpr std::size_t kTimeBytes = 6;
  base::IdBytes id{};
  auto millis = static_cast<std::uint64_t>(std::max<std::int64_t>(base::ToUnixMillis(now), 0));
  for (std::size_t i = kTimeBytes; i-- > 0; millis >>= 8U) {
    id[i] = static_cast<std::uint8_t>(millis & 0xffU);
  }
  random.Fill(std::span(id).subspan(kTimeBytes));
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0fU) | 0x70U);
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3fU) | 0x80U);
  return id;
}

}  // namespace crypto
