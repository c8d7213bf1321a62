// Memory for a secret that lives as long as its process: a page of its own, locked, so that it never goes to swap, and
// left out of every core. Wiped when it goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace crypto {

// Movable; a copy has a page of its own. Not thread-safe. Where RLIMIT_MEMLOCK leaves no room it is not locked, and
// works.
class SecretPage {
 public:
  // Zeros. `size` bytes, at most a page; ends the process where the system has no page left.
  explicit SecretPage(std::size_t size);
  SecretPage(const SecretPage& other);
  SecretPage& operator=(const SecretPage& other);
  SecretPage(SecretPage&& other) noexcept;
  SecretPage& operator=(SecretPage&& other) noexcept;
  ~SecretPage();

  std::span<std::uint8_t> bytes() { return {memory_, size_}; }
  std::span<const std::uint8_t> bytes() const { return {memory_, size_}; }

 private:
  std::uint8_t* memory_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace crypto
