#include "crypto/public_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "crypto/jws_algorithm.h"
#include "crypto/openssl.h"
#include "records/audit/audit.h"

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

using ParamsBuilder = std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)>;
using Params = std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)>;

// null where the parameters make no key.
Pkey FromParams(const char* type, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder), &OSSL_PARAM_free);
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (params == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return Pkey(key);
}

Pkey FromPoint(const PublicParameters& parameters) {
  std::array<std::uint8_t, 1 + 2 * kP256Bytes> point{POINT_CONVERSION_UNCOMPRESSED};
  const auto halves = std::span(point).subspan(1);
  if (!base::Base64UrlDecodeInto(parameters.x, halves.first(kP256Bytes)) ||
      !base::Base64UrlDecodeInto(parameters.y, halves.last(kP256Bytes))) {
    return nullptr;
  }
  const ParamsBuilder builder(OSSL_PARAM_BLD_new(), &OSSL_PARAM_BLD_free);
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  return FromParams("EC", builder.get());
}

Bignum NumberOf(std::string_view member) {
  constexpr std::size_t kMaxBytes = 1024;  // 8192 bits
  const auto bytes = base::Base64UrlDecode(member);
  if (!bytes || bytes->empty() || bytes->size() > kMaxBytes) return nullptr;
  return Bignum(BN_bin2bn(base::AsBytes(*bytes).data(), static_cast<int>(bytes->size()), nullptr));
}

Pkey FromModulus(const PublicParameters& parameters) {
  const Bignum n = NumberOf(parameters.n);
  const Bignum e = NumberOf(parameters.e);
  if (n == nullptr || e == nullptr) return nullptr;
  const ParamsBuilder builder(OSSL_PARAM_BLD_new(), &OSSL_PARAM_BLD_free);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  return FromParams("RSA", builder.get());
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

base::Result<std::string> MakePublicKey(SigningAlgorithm algorithm,
                                        const PublicParameters& parameters) {
  const Pkey key =
      algorithm == SigningAlgorithm::kEs256 ? FromPoint(parameters) : FromModulus(parameters);
  unsigned char* der = nullptr;
  const int size = key != nullptr && Fits(algorithm, key.get()) ? i2d_PUBKEY(key.get(), &der) : 0;
  ERR_clear_error();
  if (size <= 0) {
    return base::Status(base::Code::kCorrupt,
                        "not a public key for " + std::string(records::ToText(algorithm)));
  }
  std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
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
