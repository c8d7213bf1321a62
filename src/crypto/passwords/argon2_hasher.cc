#include "crypto/passwords/argon2_hasher.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "crypto/passwords/argon2_compute.h"
#include "crypto/passwords/foreign_hash.h"

namespace crypto {

namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;

constexpr std::uint32_t kMinMemoryKib = 8;  // RFC 9106 §3.1

// Of Argon2id that an import brought.
std::string_view WithoutMark(std::string_view password_hash) {
  const bool is_marked =
      password_hash.starts_with(records::kImportMark) &&
      password_hash.substr(records::kImportMark.size()).starts_with(records::kOwnHashPrefix);
  return is_marked ? password_hash.substr(records::kImportMark.size()) : password_hash;
}

std::uint8_t* Bytes(std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); }

}  // namespace

Argon2Hasher::Argon2Hasher(domain::Random& random, std::uint32_t memory_kib, std::uint32_t passes)
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
  if (can_match) {
    if (const auto stored = ParsePhc(WithoutMark(password_hash))) {
      return VerifyArgon2id(password, *stored);
    }
    if (IsImported(password_hash)) {
      const auto foreign = ParseForeignHash(password_hash);
      if (foreign.ok()) return VerifyForeign(password, *foreign);
    }
  }
  // The same work for nothing, so that the time does not tell whether there is such an account.
  Waste(password.substr(0, kMaxPasswordBytes), EstimateArgon2(parameters_));
  return false;
}

bool Argon2Hasher::VerifyArgon2id(std::string_view password, const Argon2Hash& stored) const {
  const auto hash = ComputeArgon2(Argon2Variant::kArgon2id, password, stored.salt,
                                  stored.parameters, stored.hash.size());
  if (hash.ok() && CRYPTO_memcmp(hash->data(), stored.hash.data(), hash->size()) == 0) return true;
  // A weaker one is answered no sooner than an account that is none.
  const std::uint64_t spent = EstimateArgon2(stored.parameters);
  if (spent < EstimateArgon2(parameters_)) Waste(password, EstimateArgon2(parameters_) - spent);
  return false;
}

void Argon2Hasher::Waste(std::string_view password, std::uint64_t work) const {
  const auto memory = static_cast<std::uint32_t>(work / parameters_.passes);
  if (memory < kMinMemoryKib) return;
  const auto unused =
      ComputeArgon2(Argon2Variant::kArgon2id, password, std::string(kSaltBytes, '\0'),
                    {.memory_kib = memory, .passes = parameters_.passes, .lanes = 1}, kHashBytes);
  static_cast<void>(unused.ok());
}

bool Argon2Hasher::IsImported(std::string_view password_hash) const {
  return !password_hash.empty() && !password_hash.starts_with(records::kOwnHashPrefix);
}

int Argon2Hasher::PriceOf(std::string_view password_hash) const {
  constexpr std::uint64_t kMost = 10;
  std::uint64_t microseconds = 0;
  if (const auto stored = ParsePhc(WithoutMark(password_hash))) {
    microseconds = EstimateArgon2(stored->parameters);
  } else if (const auto foreign = ParseForeignHash(password_hash); foreign.ok()) {
    microseconds = EstimateForeign(*foreign);
  }
  return static_cast<int>(
      std::clamp<std::uint64_t>(microseconds / EstimateArgon2(parameters_), 1, kMost));
}

// What an import marked and is as dear as ours becomes ours by losing the mark: it is right for the
// normalized password. Hashed anew it might get less memory than it had.
std::optional<std::string> Argon2Hasher::Renew(std::string_view password,
                                               std::string_view password_hash) {
  const std::string_view unmarked = WithoutMark(password_hash);
  const records::HashCost least{.memory_kib = parameters_.memory_kib, .passes = parameters_.passes};
  if (records::IsCurrentHash(unmarked, least)) {
    if (unmarked.size() == password_hash.size()) return std::nullopt;
    return std::string(unmarked);
  }
  auto hash = Hash(password);
  if (!hash.ok()) return std::nullopt;
  return std::move(*hash);
}

}  // namespace crypto
