#include "crypto/random.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>

#include "crypto/openssl.h"

namespace crypto {

namespace {

void Draw(std::span<std::uint8_t> out) {
  DieUnless(RAND_priv_bytes(out.data(), static_cast<int>(out.size())) == 1, "no random bytes");
}

}  // namespace

SystemRandom::~SystemRandom() { OPENSSL_cleanse(buffer_.data(), buffer_.size()); }

void SystemRandom::Fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    if (used_ == buffer_.size()) {
      Draw(buffer_);
      used_ = 0;
    }
    const std::size_t size = std::min(out.size(), buffer_.size() - used_);
    std::copy_n(buffer_.begin() + static_cast<std::ptrdiff_t>(used_), size, out.begin());
    OPENSSL_cleanse(buffer_.data() + used_, size);
    used_ += size;
    out = out.subspan(size);
  }
}

}  // namespace crypto
