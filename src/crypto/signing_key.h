// Private signing keys: made, wrapped under the master key for storage, unwrapped to sign.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "crypto/master_key.h"
#include "domain/ports/random.h"
#include "records/enums.h"

namespace crypto {

// A new signing key: public half as DER SubjectPublicKeyInfo, private half as PKCS#8 wrapped with
// AES-256-GCM (key_wrap.h) under MasterKey::Derive("latchkey signing key wrap v1").
struct GeneratedKey {
  std::string kid;  // RFC 7638 thumbprint
  std::string public_key;
  std::string wrapped_private_key;
};
// P-256 for ES256, 2048 bits for RS256 (which takes some tenths of a second).
base::Result<GeneratedKey> GenerateSigningKey(records::SigningAlgorithm algorithm,
                                              const MasterKey& key, domain::Random& random);

// A private key ready to sign. Holds the OpenSSL key; move-only; not thread-safe (its context is
// reused from signature to signature).
class SigningKey {
 public:
  // kCorrupt: changed bytes, another master key, or a key of another algorithm.
  static base::Result<SigningKey> Unwrap(records::SigningAlgorithm algorithm,
                                         std::string_view wrapped_private_key,
                                         const MasterKey& key);
  // JWS signature bytes (RFC 7515): ES256 as R || S (64 bytes), RS256 as PKCS#1 v1.5.
  base::Result<std::string> Sign(std::string_view signing_input) const;
  // Computed from the key itself. Where a row's kid differs, its private half belongs to another
  // row.
  const std::string& kid() const;

  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

 private:
  SigningKey();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace crypto
