#include "crypto/secret_page.h"

#include <openssl/crypto.h>
#include <sys/mman.h>

#include <algorithm>
#include <utility>

#include "crypto/openssl.h"

namespace crypto {

SecretPage::SecretPage(std::size_t size) : size_(size) {
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  DieUnless(memory != MAP_FAILED, "a page for a secret");
  memory_ = static_cast<std::uint8_t*>(memory);
  ::mlock(memory_, size_);
  ::madvise(memory_, size_, MADV_DONTDUMP);
}

SecretPage::SecretPage(const SecretPage& other) : SecretPage(other.size_) {
  std::ranges::copy(other.bytes(), memory_);
}

SecretPage& SecretPage::operator=(const SecretPage& other) {
  return *this = SecretPage(other);  // NOLINT(misc-unconventional-assign-operator)
}

SecretPage::SecretPage(SecretPage&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretPage& SecretPage::operator=(SecretPage&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(size_, other.size_);
  return *this;
}

SecretPage::~SecretPage() {
  if (memory_ == nullptr) return;
  OPENSSL_cleanse(memory_, size_);
  ::munmap(memory_, size_);
}

}  // namespace crypto
