// Random bytes.
#pragma once

#include <cstdint>
#include <span>

namespace domain {

class Random {
 public:
  virtual ~Random() = default;
  // Cryptographically secure. Never fails (the process dies rather than go on without entropy).
  virtual void Fill(std::span<std::uint8_t> out) = 0;
};

}  // namespace domain
