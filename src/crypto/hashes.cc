#include "crypto/hashes.h"

#include <openssl/crypto.h>

#include "crypto/hmac.h"
#include "crypto/openssl.h"

namespace crypto {

struct OpenSslDigest::Context {
  Sha256Digest digest;
};

OpenSslDigest::OpenSslDigest() : context_(std::make_unique<Context>()) {}
OpenSslDigest::~OpenSslDigest() = default;

records::Sha256 OpenSslDigest::Sha256(base::ByteView bytes) const {
  return context_->digest.Of(bytes);
}

struct OpenSslHashes::Contexts {
  explicit Contexts(const records::Sha256& hmac_key) : hmac(hmac_key) {}
  Sha256Digest digest;
  HmacSha256 hmac;
};

OpenSslHashes::OpenSslHashes(const MasterKey& key)
    : contexts_(std::make_unique<Contexts>(key.Derive("latchkey hmac v1"))) {}

OpenSslHashes::~OpenSslHashes() = default;

records::Sha256 OpenSslHashes::Sha256(base::ByteView bytes) const {
  return contexts_->digest.Of(bytes);
}

bool OpenSslHashes::Equal(base::ByteView a, base::ByteView b) const {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

records::Sha256 OpenSslHashes::Hmac(base::ByteView message) const {
  return contexts_->hmac.Of(message);
}

}  // namespace crypto
