#include "crypto/signing_key.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include <array>
#include <utility>

#include "base/bytes.h"
#include "crypto/jws_algorithm.h"
#include "crypto/key_wrap.h"
#include "crypto/openssl.h"
#include "crypto/public_key.h"
#include "records/audit/audit.h"

namespace crypto {

namespace {

using base::Result;
using base::Status;
using records::SigningAlgorithm;

constexpr std::string_view kWrapPurpose = "latchkey signing key wrap v1";
constexpr std::size_t kMaxSignatureBytes = 1024;  // RSA of 8192 bits

// Authenticated beside the ciphertext: a wrapped key opens for its own algorithm alone.
std::string WrapContext(SigningAlgorithm algorithm) {
  return "latchkey signing key v1 " + std::string(records::ToText(algorithm));
}

Pkey GeneratePair(SigningAlgorithm algorithm) {
  switch (algorithm) {
    case SigningAlgorithm::kEs256:
      return Pkey(EVP_EC_gen("P-256"));
    case SigningAlgorithm::kRs256:
      return Pkey(EVP_RSA_gen(kRsaBits));
    case SigningAlgorithm::kCount:
      return nullptr;
  }
  return nullptr;
}

Result<std::string> PublicDer(const EVP_PKEY* key) {
  const int size = i2d_PUBKEY(key, nullptr);
  if (size <= 0) return OpenSslStatus("encode a public key");
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* at = reinterpret_cast<std::uint8_t*>(der.data());
  i2d_PUBKEY(key, &at);
  return der;
}

Result<std::string> PrivateDer(const EVP_PKEY* key) {
  const Pkcs8 info(EVP_PKEY2PKCS8(key));
  const int size = info == nullptr ? 0 : i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr);
  if (size <= 0) return OpenSslStatus("encode a private key");
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* at = reinterpret_cast<std::uint8_t*>(der.data());
  i2d_PKCS8_PRIV_KEY_INFO(info.get(), &at);
  return der;
}

Result<Pkey> ReadPrivateKey(SigningAlgorithm algorithm, std::string_view der) {
  const std::uint8_t* at = base::AsBytes(der).data();
  Pkey key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (key == nullptr || !Fits(algorithm, key.get())) {
    return Status(base::Code::kCorrupt,
                  "not a private key for " + std::string(records::ToText(algorithm)));
  }
  return key;
}

Result<std::string> KidOf(SigningAlgorithm algorithm, const EVP_PKEY* key) {
  const auto der = PublicDer(key);
  if (!der.ok()) return der.error();
  const auto parameters = ParsePublicKey(algorithm, *der);
  if (!parameters.ok()) return parameters.error();
  return Thumbprint(algorithm, *parameters);
}

// Ready for EVP_PKEY_sign over a SHA-256, once and for all: setting it up costs as much as a
// signature.
PkeyContext SigningContext(SigningAlgorithm algorithm, EVP_PKEY* key) {
  PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  const bool ok = context != nullptr && EVP_PKEY_sign_init(context.get()) == 1 &&
                  EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1 &&
                  (algorithm != SigningAlgorithm::kRs256 ||
                   EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1);
  return ok ? std::move(context) : nullptr;
}

}  // namespace

Result<GeneratedKey> GenerateSigningKey(SigningAlgorithm algorithm, const MasterKey& key,
                                        domain::Random& random) {
  const Pkey pair = GeneratePair(algorithm);
  if (pair == nullptr) return OpenSslStatus("generate a signing key");
  auto kid = KidOf(algorithm, pair.get());
  if (!kid.ok()) return kid.error();
  auto public_der = PublicDer(pair.get());
  if (!public_der.ok()) return public_der.error();
  auto private_der = PrivateDer(pair.get());
  if (!private_der.ok()) return private_der.error();
  auto wrapped =
      Wrap(key.Derive(kWrapPurpose), WrapContext(algorithm), base::AsBytes(*private_der), random);
  OPENSSL_cleanse(private_der->data(), private_der->size());
  if (!wrapped.ok()) return wrapped.error();
  return GeneratedKey{.kid = std::move(*kid),
                      .public_key = std::move(*public_der),
                      .wrapped_private_key = std::move(*wrapped)};
}

struct SigningKey::Impl {
  SigningAlgorithm algorithm = SigningAlgorithm::kEs256;
  std::string kid;
  Pkey key;
  PkeyContext context;
  Sha256Digest digest;
};

SigningKey::SigningKey() : impl_(std::make_unique<Impl>()) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

const std::string& SigningKey::kid() const { return impl_->kid; }

Result<SigningKey> SigningKey::Unwrap(SigningAlgorithm algorithm,
                                      std::string_view wrapped_private_key, const MasterKey& key) {
  auto der = crypto::Unwrap(key.Derive(kWrapPurpose), WrapContext(algorithm),
                            base::AsBytes(wrapped_private_key));
  if (!der.ok()) return der.error();
  auto private_key = ReadPrivateKey(algorithm, *der);
  OPENSSL_cleanse(der->data(), der->size());
  if (!private_key.ok()) return private_key.error();
  auto kid = KidOf(algorithm, private_key->get());
  if (!kid.ok()) return kid.error();
  SigningKey signing_key;
  signing_key.impl_->algorithm = algorithm;
  signing_key.impl_->kid = std::move(*kid);
  signing_key.impl_->context = SigningContext(algorithm, private_key->get());
  signing_key.impl_->key = std::move(*private_key);
  if (signing_key.impl_->context == nullptr) return OpenSslStatus("prepare a signing key");
  return signing_key;
}

Result<std::string> SigningKey::Sign(std::string_view signing_input) const {
  const records::Sha256 hash = impl_->digest.Of(base::AsBytes(signing_input));
  std::array<std::uint8_t, kMaxSignatureBytes> signature{};
  std::size_t size = signature.size();
  if (EVP_PKEY_sign(impl_->context.get(), signature.data(), &size, hash.data(), hash.size()) != 1) {
    return OpenSslStatus("sign");
  }
  const base::ByteView bytes(signature.data(), size);
  if (impl_->algorithm == SigningAlgorithm::kRs256) return std::string(base::AsText(bytes));
  auto jws = DerToJws(bytes);
  if (!jws) return OpenSslStatus("encode a signature");
  return std::move(*jws);
}

}  // namespace crypto
