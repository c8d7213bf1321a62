// The domain's ports to OpenSSL, libargon2 and the kernel's random source.
// Sha256, Hmac, Equal and Fill are thread-safe; the rest lives on one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "oauth/ports.h"

namespace crypto {

// 32 random bytes in a file of mode 0600; everything secret that is stored is wrapped or derived under it.
class MasterKey {
 public:
  // kDenied where others may read the file; kInvalid where it has not 32 bytes.
  static base::Result<MasterKey> Load(const std::string& path);
  // Makes the file; kExists where it is there.
  static base::Result<MasterKey> Create(const std::string& path, oauth::Random& random);
  // A key of its own for each purpose (HKDF-SHA-256, info = purpose).
  records::Sha256 Derive(std::string_view purpose) const;

 private:
  records::Sha256 bytes_{};
};

class SystemRandom final : public oauth::Random {
 public:
  void Fill(std::span<std::uint8_t> out) override;  // buffered RAND_bytes; reset after fork is not needed: children exec
 private:
  static constexpr std::size_t kBufferBytes = 512;
  std::array<std::uint8_t, kBufferBytes> buffer_{};
  std::size_t used_ = kBufferBytes;
};

class OpenSslHashes final : public oauth::Hashes {
 public:
  explicit OpenSslHashes(const MasterKey& key);
  records::Sha256 Sha256(base::ByteView bytes) const override;
  bool Equal(base::ByteView a, base::ByteView b) const override;
  records::Sha256 Hmac(base::ByteView message) const override;

 private:
  records::Sha256 hmac_key_;
};

// Argon2id by libargon2 (RFC 9106): 19 MiB, 2 passes, 1 lane unless said otherwise.
class Argon2Hasher final : public oauth::PasswordHasher {
 public:
  explicit Argon2Hasher(oauth::Random& random, std::uint32_t memory_kib = 19 * 1024, std::uint32_t passes = 2);
  base::Result<std::string> Hash(std::string_view password) override;
  bool Verify(std::string_view password, std::string_view password_hash) override;

 private:
  oauth::Random& random_;
  std::uint32_t memory_kib_;
  std::uint32_t passes_;
};

// A new signing key: public half as DER SubjectPublicKeyInfo, private half wrapped with AES-256-GCM.
struct GeneratedKey {
  std::string kid;  // RFC 7638 thumbprint
  std::string public_key;
  std::string wrapped_private_key;
};
base::Result<GeneratedKey> GenerateSigningKey(records::SigningAlgorithm algorithm,
                                              const MasterKey& key, oauth::Random& random);

// A private key ready to sign. Holds the OpenSSL key; move-only.
class SigningKey {
 public:
  static base::Result<SigningKey> Unwrap(records::SigningAlgorithm algorithm,
                                         std::string_view wrapped_private_key, const MasterKey& key);
  // JWS signature bytes (RFC 7515): ES256 as R || S (64 bytes), RS256 as PKCS#1 v1.5.
  base::Result<std::string> Sign(std::string_view signing_input) const;

  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

 private:
  SigningKey();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The public parameters of a key for its JWK (RFC 7517, 7518 §6): base64url members.
struct PublicParameters {
  std::string x, y;  // ES256
  std::string n, e;  // RS256
};
base::Result<PublicParameters> ParsePublicKey(records::SigningAlgorithm algorithm,
                                              std::string_view public_key_der);
// true if `signature` is the JWS signature of `signing_input`.
bool VerifySignature(records::SigningAlgorithm algorithm, std::string_view public_key_der,
                     std::string_view signing_input, std::string_view signature);

// UUIDv7 bytes (RFC 9562 §5.7) for `now`, random in the rest.
base::IdBytes NewUuidV7(base::Time now, oauth::Random& random);

}  // namespace crypto
