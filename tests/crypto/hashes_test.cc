#include "crypto/hashes.h"

#include <gtest/gtest.h>

#include <string>

#include "crypto/crypto_testing.h"
#include "crypto/hmac.h"

namespace {

using base::AsBytes;
using base::HexEncode;
using testing_crypto::FromHex;
using testing_crypto::KeyOf;

struct Sha256Case {
  std::string input;
  std::string_view hash;
};

// FIPS 180-4 examples (NIST "SHA256.pdf") and the message of a million a's.
TEST(Sha256, GivesThePublishedHashes) {
  const Sha256Case cases[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {std::string(1'000'000, 'a'),
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  const crypto::OpenSslHashes hashes(KeyOf('k'));
  for (const auto& [input, hash] : cases) {
    EXPECT_EQ(HexEncode(hashes.Sha256(AsBytes(input))), hash) << input.size() << " bytes";
  }
}

TEST(Sha256, StartsAfreshAtEveryCall) {
  const crypto::OpenSslHashes hashes(KeyOf('k'));
  const auto first = hashes.Sha256(AsBytes("abc"));
  EXPECT_NE(hashes.Sha256(AsBytes("abd")), first);
  EXPECT_EQ(hashes.Sha256(AsBytes("abc")), first);
}

struct HmacCase {
  std::string key, message;
  std::string_view tag;
};

// RFC 4231 §4.2, §4.3, §4.4 and §4.7.
TEST(HmacSha256, GivesTheTagsOfRfc4231) {
  const HmacCase cases[] = {
      {std::string(20, '\x0b'), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
  };
  for (const auto& [key, message, tag] : cases) {
    crypto::HmacSha256 hmac(AsBytes(key));
    EXPECT_EQ(HexEncode(hmac.Of(AsBytes(message))), tag);
    EXPECT_EQ(HexEncode(hmac.Of(AsBytes(message))), tag) << "a second use of the same key";
  }
}

// RFC 5869 appendices A.1 and A.3.
TEST(HkdfSha256, GivesTheKeysOfRfc5869) {
  std::array<std::uint8_t, 42> out{};
  const std::string key(22, '\x0b');
  crypto::HkdfSha256(AsBytes(key), AsBytes(FromHex("000102030405060708090a0b0c")),
                     AsBytes(FromHex("f0f1f2f3f4f5f6f7f8f9")), out);
  EXPECT_EQ(HexEncode(out),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  crypto::HkdfSha256(AsBytes(key), {}, {}, out);
  EXPECT_EQ(HexEncode(out),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(OpenSslHashes, KeysItsHmacByTheMasterKey) {
  const crypto::OpenSslHashes one(KeyOf('a'));
  const crypto::OpenSslHashes same(KeyOf('a'));
  const crypto::OpenSslHashes other(KeyOf('b'));
  const auto tag = one.Hmac(AsBytes("parent"));
  EXPECT_EQ(tag, same.Hmac(AsBytes("parent")));
  EXPECT_NE(tag, other.Hmac(AsBytes("parent")));
  EXPECT_NE(tag, one.Hmac(AsBytes("parens")));
}

TEST(OpenSslHashes, ComparesEveryByteAndTheSize) {
  const crypto::OpenSslHashes hashes(KeyOf('k'));
  const std::string secret = "0123456789abcdef0123456789abcdef";
  EXPECT_TRUE(hashes.Equal(AsBytes(secret), AsBytes(secret)));
  EXPECT_TRUE(hashes.Equal({}, {}));
  EXPECT_FALSE(hashes.Equal(AsBytes(secret), AsBytes(secret).first(31)));
  for (std::size_t i = 0; i < secret.size(); ++i) {
    std::string changed = secret;
    changed[i] ^= 1;
    EXPECT_FALSE(hashes.Equal(AsBytes(secret), AsBytes(changed))) << "byte " << i;
  }
}

}  // namespace
