#include "crypto/signing_key.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <string>
#include <vector>

#include "crypto/crypto_testing.h"
#include "crypto/jws_algorithm.h"
#include "crypto/key_wrap.h"
#include "crypto/openssl.h"
#include "crypto/public_key.h"
#include "records/audit/audit.h"

namespace {

using base::AsBytes;
using base::Code;
using crypto::GenerateSigningKey;
using crypto::MasterKey;
using crypto::SigningKey;
using crypto::VerifySignature;
using records::SigningAlgorithm;
using testing_crypto::FromBase64Url;
using testing_crypto::KeyOf;

constexpr auto kEs256 = SigningAlgorithm::kEs256;
constexpr auto kRs256 = SigningAlgorithm::kRs256;

// ---- the keys of RFC 7515 appendices A.2 and A.3 and of RFC 7638 §3.1 ----

constexpr std::string_view kPayload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlf"
    "Q";
const std::string kRsInput = "eyJhbGciOiJSUzI1NiJ9." + std::string(kPayload);
const std::string kEsInput = "eyJhbGciOiJFUzI1NiJ9." + std::string(kPayload);

constexpr std::string_view kRsaN =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-"
    "4qPCJrcS2mJPMEzP1Pt0Bm4d4Q"
    "lL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-"
    "bSf63kpaSHSXndS5z5rexMdbBY"
    "UsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-"
    "DWNm"
    "oudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
constexpr std::string_view kRsaD =
    "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-"
    "7YwVol2NXOoAJ"
    "e46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_"
    "V51gfpRLI"
    "9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_"
    "jTj3ccPDVZFD9p"
    "IuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ";
constexpr std::string_view kRsaP =
    "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_"
    "Py5PJdT"
    "JNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc";
constexpr std::string_view kRsaQ =
    "uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_"
    "Y"
    "wD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc";
constexpr std::string_view kRsaDp =
    "BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-"
    "FOKnu1R6Hs"
    "JeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0";
constexpr std::string_view kRsaDq =
    "h_96-mK1R_"
    "7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-"
    "NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU";
constexpr std::string_view kRsaQi =
    "IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_"
    "QJQ3ydy5cY7YIBi"
    "87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U";
constexpr std::string_view kRsSignature =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
    "O8W2Fp5juj"
    "Gbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
    "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe"
    "7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"
    "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8"
    "np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

constexpr std::string_view kEcX = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
constexpr std::string_view kEcY = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
constexpr std::string_view kEcD = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
constexpr std::string_view kEsSignature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

constexpr std::string_view kThumbprintN =
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
    "BJECPebW"
    "KRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
    "FDW2QvzqY368QQM"
    "icAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-"
    "bFTWhAI4vMQFh6WeZu0fM4lFd2NcR"
    "wr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

struct Member {
  const char* name;
  std::string_view value;  // base64url
};

// An OpenSSL key from the members of a JWK.
crypto::Pkey Import(const char* type, const std::vector<Member>& members) {
  struct Free {
    void operator()(OSSL_PARAM_BLD* p) const { OSSL_PARAM_BLD_free(p); }
    void operator()(OSSL_PARAM* p) const { OSSL_PARAM_free(p); }
  };
  const std::unique_ptr<OSSL_PARAM_BLD, Free> builder(OSSL_PARAM_BLD_new());
  std::vector<crypto::Bignum> numbers;
  const std::string point = "\x04" + FromBase64Url(kEcX) + FromBase64Url(kEcY);
  if (type == std::string_view("EC")) {
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                     point.size());
  }
  for (const Member& member : members) {
    const std::string bytes = FromBase64Url(member.value);
    numbers.emplace_back(BN_bin2bn(AsBytes(bytes).data(), static_cast<int>(bytes.size()), nullptr));
    OSSL_PARAM_BLD_push_BN(builder.get(), member.name, numbers.back().get());
  }
  const std::unique_ptr<OSSL_PARAM, Free> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const crypto::PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(context.get());
  EXPECT_EQ(EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()), 1);
  return crypto::Pkey(key);
}

crypto::Pkey RfcRsaKey() {
  return Import("RSA", {{OSSL_PKEY_PARAM_RSA_N, kRsaN},
                        {OSSL_PKEY_PARAM_RSA_E, "AQAB"},
                        {OSSL_PKEY_PARAM_RSA_D, kRsaD},
                        {OSSL_PKEY_PARAM_RSA_FACTOR1, kRsaP},
                        {OSSL_PKEY_PARAM_RSA_FACTOR2, kRsaQ},
                        {OSSL_PKEY_PARAM_RSA_EXPONENT1, kRsaDp},
                        {OSSL_PKEY_PARAM_RSA_EXPONENT2, kRsaDq},
                        {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, kRsaQi}});
}
crypto::Pkey RfcEcKey() { return Import("EC", {{OSSL_PKEY_PARAM_PRIV_KEY, kEcD}}); }
crypto::Pkey ThumbprintKey() {
  return Import("RSA", {{OSSL_PKEY_PARAM_RSA_N, kThumbprintN}, {OSSL_PKEY_PARAM_RSA_E, "AQAB"}});
}

std::string PublicDer(const crypto::Pkey& key) {
  std::string der(static_cast<std::size_t>(i2d_PUBKEY(key.get(), nullptr)), '\0');
  auto* at = reinterpret_cast<std::uint8_t*>(der.data());
  i2d_PUBKEY(key.get(), &at);
  return der;
}

// A private key wrapped as GenerateSigningKey does it.
std::string WrapPrivate(const crypto::Pkey& key, std::string_view context,
                        const MasterKey& master) {
  const crypto::Pkcs8 info(EVP_PKEY2PKCS8(key.get()));
  std::string der(static_cast<std::size_t>(i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr)), '\0');
  auto* at = reinterpret_cast<std::uint8_t*>(der.data());
  i2d_PKCS8_PRIV_KEY_INFO(info.get(), &at);
  crypto::SystemRandom random;
  return *crypto::Wrap(master.Derive("latchkey signing key wrap v1"), context, AsBytes(der),
                       random);
}

TEST(VerifySignature, TakesTheExamplesOfRfc7515) {
  EXPECT_TRUE(
      VerifySignature(kRs256, PublicDer(RfcRsaKey()), kRsInput, FromBase64Url(kRsSignature)));
  EXPECT_TRUE(
      VerifySignature(kEs256, PublicDer(RfcEcKey()), kEsInput, FromBase64Url(kEsSignature)));
}

TEST(VerifySignature, RefusesAnotherTextKeyAlgorithmOrSignature) {
  const std::string rsa = PublicDer(RfcRsaKey());
  const std::string ec = PublicDer(RfcEcKey());
  const std::string rs = FromBase64Url(kRsSignature);
  const std::string es = FromBase64Url(kEsSignature);
  EXPECT_FALSE(VerifySignature(kRs256, rsa, kRsInput + "x", rs));
  EXPECT_FALSE(VerifySignature(kEs256, ec, kRsInput, es));
  EXPECT_FALSE(VerifySignature(kRs256, PublicDer(ThumbprintKey()), kRsInput, rs));
  EXPECT_FALSE(VerifySignature(kRs256, ec, kEsInput, es));
  EXPECT_FALSE(VerifySignature(kEs256, rsa, kRsInput, rs));
  EXPECT_FALSE(VerifySignature(kEs256, "", kEsInput, es));
  EXPECT_FALSE(VerifySignature(kEs256, ec + "x", kEsInput, es));
  for (const std::string_view bad :
       {std::string_view(""), std::string_view(es).substr(1), std::string_view(es).substr(0, 63)}) {
    EXPECT_FALSE(VerifySignature(kEs256, ec, kEsInput, bad)) << bad.size();
  }
  EXPECT_FALSE(VerifySignature(kEs256, ec, kEsInput, std::string(64, '\0')));
  EXPECT_FALSE(VerifySignature(kEs256, ec, kEsInput, *crypto::JwsToDer(es))) << "DER is no JWS";
}

TEST(ParsePublicKey, GivesTheMembersOfTheJwk) {
  const auto rsa = crypto::ParsePublicKey(kRs256, PublicDer(RfcRsaKey()));
  ASSERT_TRUE(rsa.ok()) << rsa.status().ToString();
  EXPECT_EQ(rsa->n, kRsaN);
  EXPECT_EQ(rsa->e, "AQAB");
  const auto ec = crypto::ParsePublicKey(kEs256, PublicDer(RfcEcKey()));
  ASSERT_TRUE(ec.ok()) << ec.status().ToString();
  EXPECT_EQ(ec->x, kEcX);
  EXPECT_EQ(ec->y, kEcY);
}

TEST(ParsePublicKey, RefusesWhatIsNoKeyOfTheAlgorithm) {
  const std::string ec = PublicDer(RfcEcKey());
  EXPECT_EQ(crypto::ParsePublicKey(kRs256, ec).status().code(), Code::kCorrupt);
  EXPECT_EQ(crypto::ParsePublicKey(kEs256, "junk").status().code(), Code::kCorrupt);
  EXPECT_EQ(crypto::ParsePublicKey(kEs256, "").status().code(), Code::kCorrupt);
  for (std::size_t size = 1; size < ec.size(); ++size) {
    EXPECT_FALSE(crypto::ParsePublicKey(kEs256, std::string_view(ec).substr(0, size)).ok()) << size;
  }
  const crypto::Pkey p384(EVP_EC_gen("P-384"));
  EXPECT_FALSE(crypto::ParsePublicKey(kEs256, PublicDer(p384)).ok());
  const crypto::Pkey small(EVP_RSA_gen(1024));
  EXPECT_FALSE(crypto::ParsePublicKey(kRs256, PublicDer(small)).ok());
}

base::Status MakeRsa(std::string_view n, std::string_view e) {
  return crypto::MakePublicKey(kRs256, {.x = {}, .y = {}, .n = std::string(n), .e = std::string(e)})
      .status();
}

TEST(MakePublicKey, RefusesAnRsaKeyUnderWhichAnybodySigns) {
  for (const char* exponent : {"AA", "AQ", "Ag", "BA", "AQAA"}) {  // 0, 1, 2, 4, 65,536
    EXPECT_FALSE(MakeRsa(kRsaN, exponent).ok()) << exponent;
  }
  for (const char* exponent : {"Aw", "AQAB"}) {  // 3, 65,537
    EXPECT_TRUE(MakeRsa(kRsaN, exponent).ok()) << exponent;
  }
  const std::string even = base::Base64UrlEncode(std::vector<std::uint8_t>(256, 0xc0));
  EXPECT_FALSE(MakeRsa(even, "AQAB").ok());
}

// A check of a signature costs as much as the exponent and the modulus are long, and strangers ask for it.
TEST(MakePublicKey, RefusesAnRsaKeyThatIsDearToTry) {
  const auto number = [](std::size_t bytes) {
    std::vector<std::uint8_t> digits(bytes, 0xff);
    return base::Base64UrlEncode(digits);
  };
  EXPECT_TRUE(MakeRsa(kRsaN, number(4)).ok()) << "2^32 - 1";
  for (const std::size_t bytes : {5U, 8U, 64U, 256U}) {
    EXPECT_FALSE(MakeRsa(kRsaN, number(bytes)).ok()) << bytes;
  }
  EXPECT_TRUE(MakeRsa(number(512), "AQAB").ok());
  EXPECT_FALSE(MakeRsa(number(513), "AQAB").ok());
  EXPECT_FALSE(MakeRsa(number(2048), "AQAB").ok());
}

TEST(Thumbprint, IsThatOfRfc7638) {
  const auto parameters = crypto::ParsePublicKey(kRs256, PublicDer(ThumbprintKey()));
  ASSERT_TRUE(parameters.ok());
  EXPECT_EQ(crypto::Thumbprint(kRs256, *parameters), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

// The thumbprint of the key in RFC 7515 A.3, from its canonical JWK by sha256sum.
TEST(Thumbprint, TakesCrvKtyXAndYOfAnEcKey) {
  const auto parameters = crypto::ParsePublicKey(kEs256, PublicDer(RfcEcKey()));
  ASSERT_TRUE(parameters.ok());
  EXPECT_EQ(crypto::Thumbprint(kEs256, *parameters), "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
}

TEST(SigningKey, MakesTheRs256SignatureOfRfc7515) {
  const MasterKey master = KeyOf('m');
  const auto key = SigningKey::Unwrap(
      kRs256, WrapPrivate(RfcRsaKey(), "latchkey signing key v1 RS256", master), master);
  ASSERT_TRUE(key.ok()) << key.status().ToString();
  const auto signature = key->Sign(kRsInput);
  ASSERT_TRUE(signature.ok());
  EXPECT_EQ(base::Base64UrlEncode(AsBytes(*signature)), kRsSignature);
}

TEST(SigningKey, RefusesAKeyThatDoesNotFitItsAlgorithm) {
  const MasterKey master = KeyOf('m');
  const std::string mislabelled = WrapPrivate(RfcEcKey(), "latchkey signing key v1 RS256", master);
  EXPECT_EQ(SigningKey::Unwrap(kRs256, mislabelled, master).status().code(), Code::kCorrupt);
}

class GeneratedKeys : public testing::TestWithParam<SigningAlgorithm> {
 protected:
  GeneratedKeys() : made_(*GenerateSigningKey(GetParam(), master_, random_)) {}

  MasterKey master_ = KeyOf('m');
  crypto::SystemRandom random_;
  crypto::GeneratedKey made_;
};

TEST_P(GeneratedKeys, SignWhatTheirPublicHalfVerifies) {
  const auto key = SigningKey::Unwrap(GetParam(), made_.wrapped_private_key, master_);
  ASSERT_TRUE(key.ok()) << key.status().ToString();
  const int rounds = GetParam() == kEs256 ? 600 : 3;  // R or S begins with a zero byte once in 128
  for (int i = 0; i < rounds; ++i) {
    const std::string input = "header.payload" + std::to_string(i);
    const auto signature = key->Sign(input);
    ASSERT_TRUE(signature.ok());
    EXPECT_EQ(signature->size(), GetParam() == kEs256 ? 64U : 256U);
    EXPECT_TRUE(VerifySignature(GetParam(), made_.public_key, input, *signature)) << i;
    EXPECT_FALSE(VerifySignature(GetParam(), made_.public_key, input + "x", *signature)) << i;
  }
}

TEST_P(GeneratedKeys, AreNamedByTheirThumbprint) {
  const auto parameters = crypto::ParsePublicKey(GetParam(), made_.public_key);
  ASSERT_TRUE(parameters.ok());
  EXPECT_EQ(made_.kid, crypto::Thumbprint(GetParam(), *parameters));
  EXPECT_EQ(made_.kid.size(), 43U);
  EXPECT_EQ(SigningKey::Unwrap(GetParam(), made_.wrapped_private_key, master_)->kid(), made_.kid);
}

TEST_P(GeneratedKeys, OpenUnderTheirOwnMasterKeyAndAlgorithmAlone) {
  const auto other = GetParam() == kEs256 ? kRs256 : kEs256;
  EXPECT_EQ(SigningKey::Unwrap(GetParam(), made_.wrapped_private_key, KeyOf('x')).status().code(),
            Code::kCorrupt);
  EXPECT_EQ(SigningKey::Unwrap(other, made_.wrapped_private_key, master_).status().code(),
            Code::kCorrupt);
  std::string changed = made_.wrapped_private_key;
  changed[changed.size() / 2] ^= 1;
  EXPECT_EQ(SigningKey::Unwrap(GetParam(), changed, master_).status().code(), Code::kCorrupt);
  EXPECT_EQ(SigningKey::Unwrap(GetParam(), "", master_).status().code(), Code::kCorrupt);
}

TEST_P(GeneratedKeys, DifferEachTimeAndShowNothingOfThePrivateHalf) {
  const auto second = GenerateSigningKey(GetParam(), master_, random_);
  ASSERT_TRUE(second.ok());
  EXPECT_NE(second->kid, made_.kid);
  const auto opened = crypto::Unwrap(
      master_.Derive("latchkey signing key wrap v1"),
      GetParam() == kEs256 ? "latchkey signing key v1 ES256" : "latchkey signing key v1 RS256",
      AsBytes(made_.wrapped_private_key));
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(made_.wrapped_private_key.size(),
            opened->size() + crypto::kWrapNonceBytes + crypto::kWrapTagBytes);
  EXPECT_EQ(made_.wrapped_private_key.find(opened->substr(opened->size() / 2, 16)),
            std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(EachAlgorithm, GeneratedKeys, testing::Values(kEs256, kRs256),
                         [](const auto& test) { return std::string(records::ToText(test.param)); });

TEST(DerToJws, PadsShortNumbersAndRefusesLongOnes) {
  const std::string one_two("\x30\x06\x02\x01\x01\x02\x01\x02", 8);
  const auto jws = crypto::DerToJws(AsBytes(one_two));
  ASSERT_TRUE(jws.has_value());
  EXPECT_EQ(*jws, std::string(31, '\0') + '\x01' + std::string(31, '\0') + '\x02');
  EXPECT_EQ(crypto::JwsToDer(*jws), one_two);
  const std::string long_number = "\x30\x26\x02\x21\x01" + std::string(32, '\x01') + "\x02\x01\x02";
  EXPECT_FALSE(crypto::DerToJws(AsBytes(long_number)).has_value());
  EXPECT_FALSE(crypto::DerToJws(AsBytes("junk")).has_value());
}

}  // namespace
