#include "crypto/passwords/argon2_hasher.h"

#include <openssl/crypto.h>

#include <optional>

#include "base/bytes.h"
#include "crypto/passwords/argon2_compute.h"
#include "crypto/passwords/foreign_hash.h"

namespace crypto {

namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;

std::uint8_t* Bytes(std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); }

}  // namespace

Argon2Hasher::Argon2Hasher(oauth::Random& random, std::uint32_t memory_kib, std::uint32_t passes)
    : random_(random), parameters_{.memory_kib = memory_kib, .passes = passes, .lanes = 1} {}

base::Result<std::string> Argon2Hasher::Hash(std::string_view password) {
  if (password.empty() || password.size() > kMaxPasswordBytes) {
    return base::Status(base::Code::kInvalid, "a password has 1 to 1024 bytes");
  }
  std::string salt(kSaltBytes, '\0');
  random_.Fill({Bytes(salt), salt.size()});
  auto hash = ComputeArgon2(Argon2Variant::kArgon2id, password, salt, parameters_, kHashBytes);
  if (!hash.ok()) return hash.error();
  return EncodePhc({.parameters = parameters_, .salt = std::move(salt), .hash = std::move(*hash)});
}

bool Argon2Hasher::Verify(std::string_view password, std::string_view password_hash) {
  const bool can_match = !password.empty() && password.size() <= kMaxPasswordBytes;
  const auto stored = can_match ? ParsePhc(password_hash) : std::nullopt;
  if (stored) {
    const auto hash = ComputeArgon2(Argon2Variant::kArgon2id, password, stored->salt,
                                    stored->parameters, stored->hash.size());
    return hash.ok() && CRYPTO_memcmp(hash->data(), stored->hash.data(), hash->size()) == 0;
  }
  if (can_match && IsForeign(password_hash)) {
    const auto foreign = ParseForeignHash(password_hash);
    if (foreign.ok()) return VerifyForeign(password, *foreign);
  }
  // The same work for nothing, so that the time does not tell whether there is such an account.
  const auto unused = ComputeArgon2(Argon2Variant::kArgon2id, password.substr(0, kMaxPasswordBytes),
                                    std::string(kSaltBytes, '\0'), parameters_, kHashBytes);
  static_cast<void>(unused.ok());
  return false;
}

bool Argon2Hasher::IsForeign(std::string_view password_hash) const {
  return !password_hash.empty() && !password_hash.starts_with(records::kOwnHashPrefix);
}

}  // namespace crypto
