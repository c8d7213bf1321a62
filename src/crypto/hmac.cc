#include "crypto/hmac.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <array>
#include <string>
#include <vector>

namespace crypto {

namespace {

// OpenSSL reads the bytes of a parameter and never writes them, yet takes them without const.
OSSL_PARAM Octets(const char* name, base::ByteView bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(bytes.data()),
                                           bytes.size());
}

}  // namespace

HmacSha256::HmacSha256(base::ByteView key) {
  const Mac mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  context_.reset(EVP_MAC_CTX_new(mac.get()));
  std::string digest = "SHA256";
  const std::array parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), digest.size()),
      OSSL_PARAM_construct_end()};
  DieUnless(context_ != nullptr &&
                EVP_MAC_init(context_.get(), key.data(), key.size(), parameters.data()) == 1,
            "HMAC-SHA-256 is not available");
}

records::Sha256 HmacSha256::Of(base::ByteView message) {
  Begin();
  Add(message);
  return End();
}

void HmacSha256::Begin() {
  // A null key starts over with the state of the last one.
  DieUnless(EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1, "HMAC-SHA-256");
}

void HmacSha256::Add(base::ByteView piece) {
  DieUnless(EVP_MAC_update(context_.get(), piece.data(), piece.size()) == 1, "HMAC-SHA-256");
}

records::Sha256 HmacSha256::End() {
  records::Sha256 tag{};
  std::size_t size = 0;
  const bool ok = EVP_MAC_final(context_.get(), tag.data(), &size, tag.size()) == 1;
  DieUnless(ok && size == tag.size(), "HMAC-SHA-256");
  return tag;
}

void HkdfSha256(base::ByteView key, base::ByteView salt, base::ByteView info,
                std::span<std::uint8_t> out) {
  const Kdf kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const KdfContext context(EVP_KDF_CTX_new(kdf.get()));
  std::string digest = "SHA256";
  std::vector<OSSL_PARAM> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), digest.size()),
      Octets(OSSL_KDF_PARAM_KEY, key), Octets(OSSL_KDF_PARAM_INFO, info)};
  if (!salt.empty()) parameters.push_back(Octets(OSSL_KDF_PARAM_SALT, salt));
  parameters.push_back(OSSL_PARAM_construct_end());
  DieUnless(context != nullptr &&
                EVP_KDF_derive(context.get(), out.data(), out.size(), parameters.data()) == 1,
            "HKDF");
}

}  // namespace crypto
