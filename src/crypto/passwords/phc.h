// The text form of a password hash ("PHC string"), as libargon2 and most others write it:
//   $argon2id$v=19$m=19456,t=2,p=1$SALT$HASH      salt and hash in base64; written without padding,
//                                                 read with it, too (Keycloak's columns have it)
// Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace crypto {

struct Argon2Parameters {
  std::uint32_t memory_kib = 0;
  std::uint32_t passes = 0;
  std::uint32_t lanes = 1;
};

struct Argon2Hash {
  Argon2Parameters parameters;
  std::string salt;
  std::string hash;
};

// What a stored hash may ask of us: 256 MiB, 16 passes, 8 lanes; salt 8 to 64 bytes, hash 16 to 64.
// A row that asks for more is broken, and working it off would stop the pool.
inline constexpr std::uint32_t kMaxMemoryKib = 256 * 1024;
inline constexpr std::uint32_t kMaxPasses = 16;
inline constexpr std::uint32_t kMaxLanes = 8;

// What hashing with them takes, about, in microseconds (docs/security.md "Passwords").
constexpr std::uint64_t EstimateArgon2(const Argon2Parameters& parameters) {
  return std::uint64_t{parameters.memory_kib} * parameters.passes;
}

std::string EncodePhc(const Argon2Hash& hash);
// nullopt: not exactly of this form, another version or variant, or beyond a bound.
std::optional<Argon2Hash> ParsePhc(std::string_view text);

}  // namespace crypto
