#include "crypto/jws_algorithm.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>

#include <array>

namespace crypto {

namespace {

bool IsP256(const EVP_PKEY* key) {
  std::array<char, 32> group{};
  std::size_t size = 0;
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) == 1 &&
         std::string_view(group.data(), size) == "prime256v1";
}

bool IsOdd(const EVP_PKEY* key, const char* name, BN_ULONG least, int most_bits) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) return false;
  const Bignum number(raw);
  const int bits = BN_num_bits(raw);
  return BN_is_odd(raw) == 1 && bits <= most_bits && (bits > 8 || BN_get_word(raw) >= least);
}

// OpenSSL takes any two numbers. Under the exponent 1 whoever knows the key signs: the signature is the
// padded text itself. An exponent as long as the modulus makes one check cost what 200 cost.
bool IsRsa(const EVP_PKEY* key) {
  constexpr BN_ULONG kLeastExponent = 3;  // RFC 8017 §3.1
  constexpr int kMostExponentBits = 32;
  return EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) >= kRsaBits &&
         IsOdd(key, OSSL_PKEY_PARAM_RSA_N, 1, kMostRsaBits) &&
         IsOdd(key, OSSL_PKEY_PARAM_RSA_E, kLeastExponent, kMostExponentBits);
}

}  // namespace

bool Fits(records::SigningAlgorithm algorithm, const EVP_PKEY* key) {
  switch (algorithm) {
    case records::SigningAlgorithm::kEs256:
      return IsP256(key);
    case records::SigningAlgorithm::kRs256:
      return IsRsa(key);
    case records::SigningAlgorithm::kCount:
      return false;
  }
  return false;
}

std::optional<std::string> DerToJws(base::ByteView der) {
  const std::uint8_t* at = der.data();
  const EcdsaSignature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (signature == nullptr) return std::nullopt;
  std::array<std::uint8_t, 2 * kP256Bytes> jws{};
  if (BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), jws.data(), kP256Bytes) != kP256Bytes ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), jws.data() + kP256Bytes, kP256Bytes) !=
          kP256Bytes) {
    return std::nullopt;
  }
  return std::string(base::AsText(jws));
}

std::optional<std::string> JwsToDer(std::string_view jws) {
  if (jws.size() != 2 * kP256Bytes) return std::nullopt;
  const std::uint8_t* const bytes = base::AsBytes(jws).data();
  const EcdsaSignature signature(ECDSA_SIG_new());
  Bignum r(BN_bin2bn(bytes, kP256Bytes, nullptr));
  Bignum s(BN_bin2bn(bytes + kP256Bytes, kP256Bytes, nullptr));
  if (signature == nullptr || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) {
    return std::nullopt;
  }
  static_cast<void>(r.release());  // the signature owns both from here on
  static_cast<void>(s.release());
  std::string der(static_cast<std::size_t>(i2d_ECDSA_SIG(signature.get(), nullptr)), '\0');
  auto* at = reinterpret_cast<std::uint8_t*>(der.data());
  i2d_ECDSA_SIG(signature.get(), &at);
  return der;
}

}  // namespace crypto
