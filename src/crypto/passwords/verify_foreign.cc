#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstring>
#include <memory>

#include "base/bytes.h"
#include "crypto/openssl.h"
#include "crypto/passwords/argon2_compute.h"
#include "crypto/passwords/foreign_hash.h"

namespace crypto {

namespace {

// bcrypt reads no more, and libxcrypt refuses what is much longer.
constexpr std::size_t kBcryptPasswordBytes = 72;
constexpr std::uint64_t kScryptSlack = 1024 * 1024;

std::uint8_t* Bytes(std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); }
const std::uint8_t* Bytes(std::string_view text) { return base::AsBytes(text).data(); }

bool IsSame(std::string_view computed, std::string_view expected) {
  return computed.size() == expected.size() &&
         CRYPTO_memcmp(computed.data(), expected.data(), computed.size()) == 0;
}

// A text that leaves no copy of itself behind.
struct Secret {
  explicit Secret(std::string_view given) : text(given) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { OPENSSL_cleanse(text.data(), text.size()); }
  std::string text;
};

bool Verify(std::string_view password, const Bcrypt& hash) {
  std::string hex;
  if (hash.input == Bcrypt::Input::kHexOfSha256) {
    hex = base::HexEncode(Sha256Digest().Of(base::AsBytes(password)));
    password = hex;
  }
  const Secret phrase(password.substr(0, kBcryptPasswordBytes));
  if (phrase.text.find('\0') != std::string::npos) return false;  // crypt(3) would stop there
  const auto data = std::make_unique<crypt_data>();
  const char* const made = crypt_r(phrase.text.c_str(), hash.crypt.c_str(), data.get());
  const bool is_right = made != nullptr && IsSame(made, hash.crypt);
  OPENSSL_cleanse(data.get(), sizeof(crypt_data));
  return is_right;
}

bool Verify(std::string_view password, const Pbkdf2& hash) {
  const Digest digest(EVP_MD_fetch(nullptr, hash.digest.c_str(), nullptr));
  if (digest == nullptr) return false;
  std::string made(hash.hash.size(), '\0');
  const int done = PKCS5_PBKDF2_HMAC(
      password.data(), static_cast<int>(password.size()), Bytes(std::string_view(hash.salt)),
      static_cast<int>(hash.salt.size()), static_cast<int>(hash.rounds), digest.get(),
      static_cast<int>(made.size()), Bytes(made));
  return done == 1 && IsSame(made, hash.hash);
}

bool Verify(std::string_view password, const Scrypt& hash) {
  std::string made(hash.hash.size(), '\0');
  const std::uint64_t most_memory = 128 * hash.r * (hash.n + hash.p + 2) + kScryptSlack;
  const int done = EVP_PBE_scrypt(password.data(), password.size(),
                                  Bytes(std::string_view(hash.salt)), hash.salt.size(), hash.n,
                                  hash.r, hash.p, most_memory, Bytes(made), made.size());
  return done == 1 && IsSame(made, hash.hash);
}

bool Verify(std::string_view password, const OtherArgon2& hash) {
  const auto variant = hash.variant == OtherArgon2::Variant::kArgon2i ? Argon2Variant::kArgon2i
                                                                      : Argon2Variant::kArgon2d;
  const auto made =
      ComputeArgon2(variant, password, hash.hash.salt, hash.hash.parameters, hash.hash.hash.size());
  return made.ok() && IsSame(*made, hash.hash.hash);
}

// Measured by crypto_bench at the bounds of each.
std::uint64_t Estimate(const Bcrypt& hash) {
  const int cost = (hash.crypt[4] - '0') * 10 + (hash.crypt[5] - '0');
  return std::uint64_t{55} << static_cast<unsigned>(cost);
}
std::uint64_t Estimate(const Pbkdf2& hash) {
  const std::uint64_t digest_bytes = hash.digest == "SHA512"   ? 64
                                     : hash.digest == "SHA256" ? 32
                                                               : 20;
  const std::uint64_t blocks = (hash.hash.size() + digest_bytes - 1) / digest_bytes;
  return hash.rounds * blocks / (digest_bytes == 64 ? 2 : 4);
}
// 0.4 microseconds a block of the memory, 1.5 for PBKDF2's two ways over what goes through it.
std::uint64_t Estimate(const Scrypt& hash) { return hash.r * hash.p * (4 * hash.n + 15) / 10; }
std::uint64_t Estimate(const OtherArgon2& hash) { return EstimateArgon2(hash.hash.parameters); }

}  // namespace

std::uint64_t EstimateForeign(const ForeignHash& hash) {
  return std::visit([](const auto& of) { return Estimate(of); }, hash);
}

bool VerifyForeign(std::string_view password, const ForeignHash& hash) {
  return std::visit([password](const auto& of) { return Verify(password, of); }, hash);
}

}  // namespace crypto
