#include "crypto/passwords/argon2_hasher.h"

#include <argon2.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <string>

#include "crypto/crypto_testing.h"

namespace {

using crypto::Argon2Hasher;
using testing_crypto::ScriptedRandom;

// Of libargon2's own tests (src/test.c, Argon2id, version 0x13).
constexpr std::string_view kPublished =
    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

class Argon2 : public testing::Test {
 protected:
  crypto::SystemRandom random_;
  Argon2Hasher hasher_{random_, 64, 1};  // small, for speed
};

TEST_F(Argon2, VerifiesAPublishedHashOfOtherParameters) {
  EXPECT_TRUE(hasher_.Verify("password", kPublished));
  EXPECT_FALSE(hasher_.Verify("passworD", kPublished));
}

TEST_F(Argon2, MakesTheHashThatLibargon2Makes) {
  ScriptedRandom salt("somesaltsomesalt");
  const auto hash = Argon2Hasher(salt, 64, 1).Hash("correct horse");
  ASSERT_TRUE(hash.ok()) << hash.status().ToString();
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$")) << *hash;
  EXPECT_EQ(argon2id_verify(hash->c_str(), "correct horse", 13), ARGON2_OK);
  EXPECT_EQ(argon2id_verify(hash->c_str(), "correct house", 13), ARGON2_VERIFY_MISMATCH);
}

TEST_F(Argon2, VerifiesTheHashThatLibargon2Makes) {
  std::string encoded(128, '\0');
  ASSERT_EQ(
      argon2id_hash_encoded(3, 128, 2, "pw", 2, "saltsalt", 8, 24, encoded.data(), encoded.size()),
      ARGON2_OK);
  encoded.resize(encoded.find('\0'));
  EXPECT_TRUE(hasher_.Verify("pw", encoded)) << encoded;
  EXPECT_FALSE(hasher_.Verify("wp", encoded));
}

TEST_F(Argon2, SaltsEachHashAnew) {
  const auto one = hasher_.Hash("pw");
  const auto two = hasher_.Hash("pw");
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_NE(*one, *two);
  EXPECT_TRUE(hasher_.Verify("pw", *one));
  EXPECT_TRUE(hasher_.Verify("pw", *two));
}

TEST_F(Argon2, UsesTheParametersOfRfc9106sSmallSettingUnlessToldOtherwise) {
  const auto hash = Argon2Hasher(random_).Hash("pw");
  ASSERT_TRUE(hash.ok());
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << *hash;
}

TEST_F(Argon2, RefusesAnEmptyAndAHugePassword) {
  EXPECT_EQ(hasher_.Hash("").status().code(), base::Code::kInvalid);
  EXPECT_EQ(hasher_.Hash(std::string(1025, 'p')).status().code(), base::Code::kInvalid);
  EXPECT_TRUE(hasher_.Hash(std::string(1024, 'p')).ok());
}

TEST_F(Argon2, TellsApartPasswordsThatDifferAfterAZeroByteOrAtTheEnd) {
  const std::string password("pass\0word", 9);
  const auto hash = hasher_.Hash(password);
  ASSERT_TRUE(hash.ok());
  EXPECT_TRUE(hasher_.Verify(password, *hash));
  EXPECT_FALSE(hasher_.Verify(std::string("pass\0work", 9), *hash));
  EXPECT_FALSE(hasher_.Verify("pass", *hash));
  EXPECT_FALSE(hasher_.Verify(password + " ", *hash));
}

TEST_F(Argon2, VerifiesNothingAgainstWhatIsNoHash) {
  const std::string good = *hasher_.Hash("pw");
  const std::string salt_and_hash = good.substr(good.find("p=1$") + 3);
  const std::string bad[] = {
      "",
      "$",
      "pw",
      "*",
      "$2b$12$abcdefghijklmnopqrstuuAbCdEfGhIjKlMnOpQrStUvWxYz012345",
      "$argon2i$v=19$m=64,t=1,p=1" + salt_and_hash,
      "$argon2id$v=16$m=64,t=1,p=1" + salt_and_hash,
      "$argon2id$m=64,t=1,p=1" + salt_and_hash,
      "$argon2id$v=19$m=64,t=1,p=1",
      "$argon2id$v=19$m=64,t=1,p=1$",
      "$argon2id$v=19$m=64,t=1,p=1$$",
      "$argon2id$v=19$m=64,t=0,p=1" + salt_and_hash,
      "$argon2id$v=19$m=0,t=1,p=1" + salt_and_hash,
      "$argon2id$v=19$m=-64,t=1,p=1" + salt_and_hash,
      "$argon2id$v=19$m= 64,t=1,p=1" + salt_and_hash,
      "$argon2id$v=19$m=7,t=1,p=1" + salt_and_hash,
      "$argon2id$v=19$m=262145,t=1,p=1" + salt_and_hash,
      "$argon2id$v=19$m=4294967296,t=1,p=1" + salt_and_hash,
      "$argon2id$v=19$m=64,t=17,p=1" + salt_and_hash,
      "$argon2id$v=19$m=640,t=1,p=9" + salt_and_hash,
      good + "$",
      good + "===",
      good + "=A",
      good + "!",
      good + "AAAA" + std::string(300, 'A'),
      good.substr(0, good.size() - 30),
      " " + good,
  };
  for (const std::string& hash : bad) EXPECT_FALSE(hasher_.Verify("pw", hash)) << hash;
  ASSERT_TRUE(hasher_.Verify("pw", good));
}

TEST_F(Argon2, VerifiesNoEmptyOrHugePassword) {
  const std::string huge(1025, 'p');
  const std::string good = *hasher_.Hash(huge.substr(1));
  EXPECT_FALSE(hasher_.Verify("", good));
  EXPECT_FALSE(hasher_.Verify(huge, good));
}

TEST_F(Argon2, RenewsWhatIsWeakerThanItsOwnAndAdoptsWhatAnImportMarked) {
  Argon2Hasher stronger(random_, 128, 2);
  const std::string own = *stronger.Hash("pw");
  EXPECT_FALSE(stronger.Renew("pw", own));
  EXPECT_FALSE(hasher_.Renew("pw", own)) << "more than it asks for";
  for (const std::string& old : {*hasher_.Hash("pw"), *Argon2Hasher(random_, 128, 1).Hash("pw"),
                                 *Argon2Hasher(random_, 64, 2).Hash("pw")}) {
    const auto renewed = stronger.Renew("pw", old);
    ASSERT_TRUE(renewed) << old;
    EXPECT_TRUE(renewed->starts_with("$argon2id$v=19$m=128,t=2,p=1$")) << *renewed;
    EXPECT_TRUE(stronger.Verify("pw", *renewed));
  }
  EXPECT_TRUE(stronger.IsImported("argon2" + own));
  EXPECT_TRUE(stronger.Verify("pw", "argon2" + own));
  EXPECT_EQ(stronger.Renew("pw", "argon2" + own), own) << "the same hash without the mark";
  EXPECT_FALSE(stronger.Verify("pw", "argon2argon2" + own));
}

// What counts is that the work is done: measured as calls of the memory the hash fills, it would
// need a seam, so the CPU time is taken, with a wide margin. A skipped hash takes a thousandth of
// it.
TEST_F(Argon2, TakesTheTimeOfARealHashForNoHashAtAll) {
  Argon2Hasher hasher(random_, 8 * 1024, 2);
  const std::string good = *hasher.Hash("pw");
  const auto time_of = [&](std::string_view password, std::string_view hash) {
    std::clock_t best = 0;
    for (int i = 0; i < 3; ++i) {
      const std::clock_t start = std::clock();
      EXPECT_FALSE(hasher.Verify(password, hash));
      const std::clock_t spent = std::clock() - start;
      best = i == 0 ? spent : std::min(best, spent);
    }
    return best;
  };
  const std::clock_t real = time_of("wp", good);
  EXPECT_GT(time_of("wp", ""), real / 4);
  EXPECT_GT(time_of("wp", "$unknown$"), real / 4);
  EXPECT_GT(time_of("wp", *hasher_.Hash("pw")), real / 4) << "a weak one of 64 KiB";
  EXPECT_GT(time_of("", good), real / 4);
  EXPECT_GT(time_of(std::string(5000, 'x'), good), real / 4);
}

}  // namespace
