#include "crypto/key_wrap.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/crypto_testing.h"

namespace {

using base::AsBytes;
using base::Code;
using crypto::Unwrap;
using crypto::Wrap;
using testing_crypto::FromHex;
using testing_crypto::ScriptedRandom;

records::Sha256 KeyOfHex(std::string_view hex) {
  records::Sha256 key{};
  std::ranges::copy(AsBytes(FromHex(hex)), key.begin());
  return key;
}

// "The Galois/Counter Mode of Operation" (McGrew, Viega), test case 16.
const records::Sha256 kKey =
    KeyOfHex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
constexpr std::string_view kNonce = "cafebabefacedbaddecaf888";
constexpr std::string_view kPlaintext =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b5"
    "25b16aedf5aa0de657ba637b39";
constexpr std::string_view kContext = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
constexpr std::string_view kCiphertext =
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b10568288"
    "38c5f61e6393ba7a0abcc9f662";
constexpr std::string_view kTag = "76fc6ece0f4e1768cddf8853bb2d551b";

std::string Sealed() {
  return FromHex(std::string(kNonce) + std::string(kCiphertext) + std::string(kTag));
}

TEST(Wrap, WritesNonceCiphertextAndTagAsPublished) {
  ScriptedRandom random(FromHex(kNonce));
  const auto sealed = Wrap(kKey, FromHex(kContext), AsBytes(FromHex(kPlaintext)), random);
  ASSERT_TRUE(sealed.ok());
  EXPECT_EQ(base::HexEncode(AsBytes(*sealed)), base::HexEncode(AsBytes(Sealed())));
}

TEST(Wrap, DrawsANewNonceEachTime) {
  crypto::SystemRandom random;
  const auto one = Wrap(kKey, "context", AsBytes("secret"), random);
  const auto two = Wrap(kKey, "context", AsBytes("secret"), random);
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_NE(one->substr(0, crypto::kWrapNonceBytes), two->substr(0, crypto::kWrapNonceBytes));
  EXPECT_EQ(*Unwrap(kKey, "context", AsBytes(*one)), *Unwrap(kKey, "context", AsBytes(*two)));
}

TEST(Unwrap, OpensWhatWasSealed) {
  const auto secret = Unwrap(kKey, FromHex(kContext), AsBytes(Sealed()));
  ASSERT_TRUE(secret.ok()) << secret.status().ToString();
  EXPECT_EQ(base::HexEncode(AsBytes(*secret)), kPlaintext);
}

TEST(Unwrap, RefusesEveryChangedBit) {
  for (std::size_t i = 0; i < Sealed().size() * 8; ++i) {
    std::string changed = Sealed();
    changed[i / 8] = static_cast<char>(changed[i / 8] ^ (1 << (i % 8)));
    EXPECT_EQ(Unwrap(kKey, FromHex(kContext), AsBytes(changed)).status().code(), Code::kCorrupt)
        << "bit " << i;
  }
}

TEST(Unwrap, RefusesEveryOtherLength) {
  const std::string sealed = Sealed();
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_EQ(Unwrap(kKey, FromHex(kContext), AsBytes(sealed).first(size)).status().code(),
              Code::kCorrupt)
        << size;
  }
  EXPECT_FALSE(Unwrap(kKey, FromHex(kContext), AsBytes(sealed + "x")).ok());
}

TEST(Unwrap, RefusesAnotherKeyAndAnotherContext) {
  records::Sha256 other = kKey;
  other[31] ^= 1U;
  EXPECT_EQ(Unwrap(other, FromHex(kContext), AsBytes(Sealed())).status().code(), Code::kCorrupt);
  EXPECT_EQ(Unwrap(kKey, FromHex(kContext) + "x", AsBytes(Sealed())).status().code(),
            Code::kCorrupt);
  EXPECT_EQ(Unwrap(kKey, "", AsBytes(Sealed())).status().code(), Code::kCorrupt);
}

TEST(Unwrap, TakesAnEmptySecret) {
  crypto::SystemRandom random;
  const auto sealed = Wrap(kKey, "context", {}, random);
  ASSERT_TRUE(sealed.ok());
  const auto secret = Unwrap(kKey, "context", AsBytes(*sealed));
  ASSERT_TRUE(secret.ok()) << secret.status().ToString();
  EXPECT_EQ(*secret, "");
}

}  // namespace
