// Passwords by Argon2id (RFC 9106), through libargon2; those that an import brought by what made them.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/passwords/phc.h"
#include "domain/ports/password_hasher.h"
#include "domain/ports/random.h"
#include "records/password_hash.h"

namespace crypto {

inline constexpr std::size_t kMaxPasswordBytes = 1024;

// 19 MiB, 2 passes, 1 lane unless said otherwise; 16 bytes of salt, 32 of hash. The memory is
// mapped for one hash and given back after it, so that an idle process does not keep it.
class Argon2Hasher final : public domain::PasswordHasher {
 public:
  explicit Argon2Hasher(domain::Random& random,
                        std::uint32_t memory_kib = records::kOwnHashCost.memory_kib,
                        std::uint32_t passes = records::kOwnHashCost.passes);
  // kInvalid: an empty password or one of more than 1,024 bytes. kUnavailable: no memory.
  base::Result<std::string> Hash(std::string_view password) override;
  // Takes hashes of other parameters too, up to the bounds of phc.h, and those of other programs
  // (passwords/foreign_hash.h) in the time that they cost. false for anything that is none, and for
  // Argon2id of less work than ours, after the time that a hash of our own parameters takes.
  bool Verify(std::string_view password, std::string_view password_hash) override;
  bool IsImported(std::string_view password_hash) const override;
  int PriceOf(std::string_view password_hash) const override;
  std::optional<std::string> Renew(std::string_view password,
                                   std::string_view password_hash) override;

 private:
  bool VerifyArgon2id(std::string_view password, const Argon2Hash& stored) const;
  void Waste(std::string_view password, std::uint64_t work) const;

  domain::Random& random_;
  Argon2Parameters parameters_;
};

}  // namespace crypto
