// The kernel's entropy through OpenSSL's DRBG. Not thread-safe: an object per thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "domain/ports/random.h"

namespace crypto {

// Draws from a buffer filled 512 bytes at a time: RAND_bytes costs about the same for 16 bytes as
// for 512. Bytes leave the buffer when they are handed out. The buffer does not survive a fork
// safely: a child must exec, as ours do, or make its own object.
class SystemRandom final : public domain::Random {
 public:
  SystemRandom() = default;
  SystemRandom(const SystemRandom&) = delete;  // two copies would hand out the same bytes
  SystemRandom& operator=(const SystemRandom&) = delete;
  ~SystemRandom() override;
  // Ends the process where the system has no entropy to give.
  void Fill(std::span<std::uint8_t> out) override;

 private:
  static constexpr std::size_t kBufferBytes = 512;
  std::array<std::uint8_t, kBufferBytes> buffer_{};
  std::size_t used_ = kBufferBytes;
};

}  // namespace crypto
