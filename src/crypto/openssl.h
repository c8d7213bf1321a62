// What every file of this module shares of OpenSSL: owning pointers, its errors as a Status, the
// prefetched SHA-256. Internal: included by this module's .cc files only, so that no OpenSSL type
// leaves it.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/x509.h>

#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"
#include "records/ids.h"

namespace crypto {

struct OpenSslDelete {
  void operator()(BIGNUM* p) const { BN_clear_free(p); }
  void operator()(ECDSA_SIG* p) const { ECDSA_SIG_free(p); }
  void operator()(EVP_CIPHER_CTX* p) const { EVP_CIPHER_CTX_free(p); }
  void operator()(EVP_KDF* p) const { EVP_KDF_free(p); }
  void operator()(EVP_KDF_CTX* p) const { EVP_KDF_CTX_free(p); }
  void operator()(EVP_MAC* p) const { EVP_MAC_free(p); }
  void operator()(EVP_MAC_CTX* p) const { EVP_MAC_CTX_free(p); }
  void operator()(EVP_MD* p) const { EVP_MD_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
  void operator()(PKCS8_PRIV_KEY_INFO* p) const { PKCS8_PRIV_KEY_INFO_free(p); }
};

using Bignum = std::unique_ptr<BIGNUM, OpenSslDelete>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, OpenSslDelete>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, OpenSslDelete>;
using Kdf = std::unique_ptr<EVP_KDF, OpenSslDelete>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, OpenSslDelete>;
using Mac = std::unique_ptr<EVP_MAC, OpenSslDelete>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, OpenSslDelete>;
using Digest = std::unique_ptr<EVP_MD, OpenSslDelete>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, OpenSslDelete>;
using Pkey = std::unique_ptr<EVP_PKEY, OpenSslDelete>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, OpenSslDelete>;
using Pkcs8 = std::unique_ptr<PKCS8_PRIV_KEY_INFO, OpenSslDelete>;

// kInternal with the newest reason of OpenSSL's error queue, which is emptied.
base::Status OpenSslStatus(std::string_view what);

// Ends the process where an operation that cannot fail did: a hash of garbage would be worse.
void DieUnless(bool ok, std::string_view what);

// SHA-256 with the algorithm fetched and the context made once: that is half of the time of a short
// input (docs/decisions/crypto.md). Not thread-safe.
class Sha256Digest {
 public:
  Sha256Digest();
  records::Sha256 Of(base::ByteView bytes);

 private:
  Digest digest_;
  DigestContext context_;
};

}  // namespace crypto
