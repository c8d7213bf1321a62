// SHA-256, constant-time compare and the keyed hash, for the domain; SHA-256 alone for who has no
// master key. Not thread-safe (contexts are kept between calls: an object per thread).
#pragma once

#include <memory>

#include "crypto/master_key.h"
#include "domain/ports/hashes.h"

namespace crypto {

class OpenSslDigest final : public domain::Digest {
 public:
  OpenSslDigest();
  ~OpenSslDigest() override;
  records::Sha256 Sha256(base::ByteView bytes) const override;

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

class OpenSslHashes final : public domain::Hashes {
 public:
  explicit OpenSslHashes(const MasterKey& key);
  ~OpenSslHashes() override;

  records::Sha256 Sha256(base::ByteView bytes) const override;
  // Of different sizes: false at once, for sizes are no secret here.
  bool Equal(base::ByteView a, base::ByteView b) const override;
  // The key is MasterKey::Derive("latchkey hmac v1"): callers with different purposes begin their
  // messages differently.
  records::Sha256 Hmac(base::ByteView message) const override;

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

}  // namespace crypto
