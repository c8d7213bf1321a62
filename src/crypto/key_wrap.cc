#include "crypto/key_wrap.h"

#include "crypto/openssl.h"

namespace crypto {

namespace {

constexpr int kTagSize = static_cast<int>(kWrapTagBytes);

std::uint8_t* Bytes(std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); }

int SizeOf(base::ByteView bytes) { return static_cast<int>(bytes.size()); }

}  // namespace

base::Result<std::string> Wrap(const records::Sha256& key, std::string_view context,
                               base::ByteView secret, domain::Random& random) {
  std::string sealed(kWrapNonceBytes + secret.size() + kWrapTagBytes, '\0');
  std::uint8_t* const nonce = Bytes(sealed);
  std::uint8_t* const ciphertext = nonce + kWrapNonceBytes;
  random.Fill({nonce, kWrapNonceBytes});
  const CipherContext cipher(EVP_CIPHER_CTX_new());
  const base::ByteView aad = base::AsBytes(context);
  int size = 0;
  const bool ok =
      EVP_EncryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), key.data(), nonce, nullptr) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, aad.data(), SizeOf(aad)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), ciphertext, &size, secret.data(), SizeOf(secret)) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), ciphertext + size, &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize,
                          ciphertext + secret.size()) == 1;
  if (!ok) return OpenSslStatus("wrap a key");
  return sealed;
}

base::Result<std::string> Unwrap(const records::Sha256& key, std::string_view context,
                                 base::ByteView sealed) {
  const base::Status does_not_open(
      base::Code::kCorrupt,
      "the wrapped key does not open: it was changed, or wrapped under "
      "another master key");
  if (sealed.size() < kWrapNonceBytes + kWrapTagBytes) return does_not_open;
  const base::ByteView nonce = sealed.first(kWrapNonceBytes);
  const base::ByteView ciphertext =
      sealed.subspan(kWrapNonceBytes, sealed.size() - kWrapNonceBytes - kWrapTagBytes);
  std::string tag(base::AsText(sealed.last(kWrapTagBytes)));
  std::string secret(ciphertext.size(), '\0');
  const CipherContext cipher(EVP_CIPHER_CTX_new());
  const base::ByteView aad = base::AsBytes(context);
  int size = 0;
  const bool ready =
      EVP_DecryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), key.data(), nonce.data(), nullptr) ==
          1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, aad.data(), SizeOf(aad)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), Bytes(secret), &size, ciphertext.data(),
                        SizeOf(ciphertext)) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1;
  if (!ready) return OpenSslStatus("unwrap a key");
  if (EVP_DecryptFinal_ex(cipher.get(), Bytes(secret) + size, &size) == 1) return secret;
  OPENSSL_cleanse(secret.data(), secret.size());
  return does_not_open;
}

}  // namespace crypto
