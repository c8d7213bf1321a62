#include "crypto/public_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>

#include <vector>

#include "base/bytes.h"
#include "crypto/jws_algorithm.h"
#include "crypto/openssl.h"

namespace crypto {

namespace {

using records::SigningAlgorithm;

// null where the bytes are no key of this algorithm, or bytes follow it.
Pkey ReadPublicKey(SigningAlgorithm algorithm, std::string_view der) {
  const auto* const begin = base::AsBytes(der).data();
  const std::uint8_t* at = begin;
  Pkey key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (key == nullptr || at != begin + der.size() || !Fits(algorithm, key.get())) return nullptr;
  return key;
}

// Big-endian without leading zeros, or left-padded to `bytes`, in base64url.
std::string Member(const EVP_PKEY* key, const char* name, int bytes = 0) {
  BIGNUM* raw = nullptr;
  DieUnless(EVP_PKEY_get_bn_param(key, name, &raw) == 1, name);
  const Bignum number(raw);
  const int size = bytes == 0 ? BN_num_bytes(number.get()) : bytes;
  std::vector<std::uint8_t> out(static_cast<std::size_t>(size));
  DieUnless(BN_bn2binpad(number.get(), out.data(), size) == size, name);
  return base::Base64UrlEncode(out);
}

}  // namespace

base::Result<PublicParameters> ParsePublicKey(SigningAlgorithm algorithm,
                                              std::string_view public_key_der) {
  const Pkey key = ReadPublicKey(algorithm, public_key_der);
  if (key == nullptr) {
    return base::Status(base::Code::kCorrupt,
                        "not a public key for " + std::string(records::ToText(algorithm)));
  }
  if (algorithm == SigningAlgorithm::kEs256) {
    return PublicParameters{.x = Member(key.get(), OSSL_PKEY_PARAM_EC_PUB_X, kP256Bytes),
                            .y = Member(key.get(), OSSL_PKEY_PARAM_EC_PUB_Y, kP256Bytes),
                            .n = {},
                            .e = {}};
  }
  return PublicParameters{.x = {},
                          .y = {},
                          .n = Member(key.get(), OSSL_PKEY_PARAM_RSA_N),
                          .e = Member(key.get(), OSSL_PKEY_PARAM_RSA_E)};
}

std::string Thumbprint(SigningAlgorithm algorithm, const PublicParameters& parameters) {
  // Required members in the order of their names, without white space (RFC 7638 §3.2, §3.3). All
  // values are base64url, so nothing needs escaping.
  const std::string jwk =
      algorithm == SigningAlgorithm::kEs256
          ? R"({"crv":"P-256","kty":"EC","x":")" + parameters.x + R"(","y":")" + parameters.y +
                "\"}"
          : R"({"e":")" + parameters.e + R"(","kty":"RSA","n":")" + parameters.n + "\"}";
  return base::Base64UrlEncode(Sha256Digest().Of(base::AsBytes(jwk)));
}

bool VerifySignature(SigningAlgorithm algorithm, std::string_view public_key_der,
                     std::string_view signing_input, std::string_view signature) {
  const Pkey key = ReadPublicKey(algorithm, public_key_der);
  if (key == nullptr) return false;
  std::string encoded(signature);
  if (algorithm == SigningAlgorithm::kEs256) {
    auto der = JwsToDer(signature);
    if (!der) return false;
    encoded = std::move(*der);
  }
  const DigestContext context(EVP_MD_CTX_new());
  const base::ByteView signed_bytes = base::AsBytes(signing_input);
  const bool is_valid =
      EVP_DigestVerifyInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, key.get(),
                              nullptr) == 1 &&
      EVP_DigestVerify(context.get(), base::AsBytes(encoded).data(), encoded.size(),
                       signed_bytes.data(), signed_bytes.size()) == 1;
  ERR_clear_error();
  return is_valid;
}

}  // namespace crypto
