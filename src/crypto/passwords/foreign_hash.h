// Password hashes that other programs made, as `latchkey user import` takes them and sign-in checks them:
//
//   $2a$ $2b$ $2y$ COST $ …             bcrypt
//   bcrypt$ or bcrypt_sha256$, then it  Django (the second: of the password's SHA-256 in hex)
//   {bcrypt} {BLF-CRYPT} {CRYPT}        then it: Spring, Dovecot, LDAP
//   $argon2i$ $argon2d$ v= $ m=,t=,p= … PHC; Argon2id (crypto/passwords/phc.h) alone or behind argon2 (Django),
//                                       {argon2} (Spring), {ARGON2ID} (Dovecot), {ARGON2} (OpenLDAP)
//   $pbkdf2-DIGEST$ ROUNDS $ …          passlib, base64 with . for +;  $pbkdf2$: SHA-1
//   $pbkdf2-DIGEST$ i=ROUNDS[,l=N] $ …  PHC
//   pbkdf2_DIGEST$ ROUNDS $ SALT $ …    Django;  the salt as text
//   pbkdf2:DIGEST:ROUNDS$ SALT $ HEX    Werkzeug
//   {PBKDF2-DIGEST} ROUNDS $ …          LDAP, else as passlib
//   $scrypt$ ln=,r=,p= $ …              PHC, passlib
//   scrypt$ N $ SALT $ R $ P $ …        Django
//   scrypt:N:R:P$ SALT $ HEX            Werkzeug
//
// DIGEST is sha1, sha256 or sha512. Padding of base64 may be there or not. What a hash costs is bounded, for sign-in
// has to pay it: about a second and a half and 256 MiB at most (docs/security.md "Passwords"). Pure functions,
// thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/status.h"
#include "crypto/passwords/phc.h"

namespace crypto {

inline constexpr std::size_t kMaxForeignHashBytes = 512;
inline constexpr std::uint32_t kMaxBcryptCost = 14;
inline constexpr std::uint32_t kMaxPbkdf2Rounds = 2'000'000;  // of one block of the digest
inline constexpr std::uint64_t kMaxScryptWork = std::uint64_t{1} << 22;    // N × r × p
inline constexpr std::uint64_t kMaxScryptMemory = std::uint64_t{1} << 21;  // N × r, of 128 bytes
inline constexpr std::uint64_t kMaxScryptBlocks = std::uint64_t{1}
                                                  << 15;  // r × p: PBKDF2 makes 128 bytes of each
inline constexpr std::uint64_t kMaxArgon2Work = std::uint64_t{1} << 20;  // KiB × passes

struct Bcrypt {
  enum class Input : std::uint8_t { kPassword, kHexOfSha256 };
  Input input = Input::kPassword;
  std::string crypt;  // 60 characters, as crypt(3) makes them
};
struct Pbkdf2 {
  std::string digest;  // OpenSSL's name
  std::uint32_t rounds = 0;
  std::string salt;
  std::string hash;
};
struct Scrypt {
  std::uint64_t n = 0;
  std::uint64_t r = 0;
  std::uint64_t p = 0;
  std::string salt;
  std::string hash;
};
struct OtherArgon2 {
  enum class Variant : std::uint8_t { kArgon2i, kArgon2d };
  Variant variant = Variant::kArgon2i;
  Argon2Hash hash;
};
using ForeignHash = std::variant<Bcrypt, Pbkdf2, Scrypt, OtherArgon2>;

// kInvalid, with a sentence for the report: none of these forms, damaged, or beyond a bound.
base::Result<ForeignHash> ParseForeignHash(std::string_view text);

// Slow by design, without a clock of its own. Only the login pool calls it.
bool VerifyForeign(std::string_view password, const ForeignHash& hash);

// What that takes, about, in microseconds of the machine that docs/security.md "Passwords" was measured on.
std::uint64_t EstimateForeign(const ForeignHash& hash);

}  // namespace crypto
