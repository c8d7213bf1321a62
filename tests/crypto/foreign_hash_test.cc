#include "crypto/passwords/foreign_hash.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <tuple>

#include "crypto/crypto_testing.h"
#include "crypto/passwords/argon2_hasher.h"
#include "crypto/passwords/imported_hash.h"
#include "crypto/random.h"

namespace {

using crypto::CheckImportedHash;
using crypto::WeakHashes;
using testing_crypto::FromHex;

constexpr std::string_view kPassword = "correct horse battery";

struct Sample {
  std::string_view name;
  std::string_view scheme;
  std::string_view hash;  // of kPassword
};

// Made by the programs themselves: passlib 1.7.4, Django 5.2, Werkzeug 3.1, libxcrypt 4.4, libargon2.
constexpr std::array kSamples{
    Sample{"Bcrypt2a", "bcrypt", "$2a$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo."},
    Sample{"Bcrypt2b", "bcrypt", "$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo."},
    Sample{"Bcrypt2y", "bcrypt", "$2y$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo."},
    Sample{"DjangoBcrypt", "bcrypt",
           "bcrypt$$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo."},
    Sample{"DjangoBcryptSha256", "bcrypt",
           "bcrypt_sha256$$2b$05$abcdefghijklmnopqrstuuGcuILa2E37uJs3NexF6McyNsliG6nJW"},
    Sample{
        "PasslibPbkdf2Sha256", "PBKDF2",
        "$pbkdf2-sha256$29000$EBESExQVFhcYGRobHB0eHw$52vJlomN6wbiITe538SRFjpo9jL9a.pU4Luq.gdp.ic"},
    Sample{"PasslibPbkdf2Sha512", "PBKDF2",
           "$pbkdf2-sha512$25000$EBESExQVFhcYGRobHB0eHw$sQVpJelF2EbgUF2fY/"
           "7l9Q1KVzdpBrl20ID0JGORebsb3DdsLWVNV90CwbHT/N.4Hzmrl2Op8DjAwxrAuuRRXg"},
    Sample{"PasslibPbkdf2Sha1", "PBKDF2",
           "$pbkdf2$131000$EBESExQVFhcYGRobHB0eHw$IyId6ECHtepmCP50kG0aawQZnkc"},
    Sample{"PhcPbkdf2", "PBKDF2",
           "$pbkdf2-sha256$i=29000,l=32$EBESExQVFhcYGRobHB0eHw$52vJlomN6wbiITe538SRFjpo9jL9a+"
           "pU4Luq+gdp+ic"},
    Sample{"DjangoPbkdf2Sha256", "PBKDF2",
           "pbkdf2_sha256$1000000$Qx3n1nWm5XkU$1yVTcFUZf99NYW/68et+55i0OSX9rCqlII7oTwygq/U="},
    Sample{"DjangoPbkdf2Sha1", "PBKDF2",
           "pbkdf2_sha1$1000000$Qx3n1nWm5XkU$GdsWWHctoxbhJp93V2kFQoftSxw="},
    Sample{"WerkzeugPbkdf2", "PBKDF2",
           "pbkdf2:sha256:1000$aB3dE5gH7jK9mN1p$"
           "0bd383dea5564b7045ef721d54a8fa79b720b66a63c2a5bec837d9b1a3f917a0"},
    Sample{"PasslibScrypt", "scrypt",
           "$scrypt$ln=14,r=8,p=1$EBESExQVFhcYGRobHB0eHw$H25zc1jOjX8CcU6mloBEuYcbYX/"
           "P9dRAT0qJDNk4ZCI"},
    Sample{
        "DjangoScrypt", "scrypt",
        "scrypt$16384$Qx3n1nWm5XkU$8$5$9c6f9jFt9jF5E3HKJiIG7K4ZGAPjw6givFfUYta0HOAw1CgyJRsmT6WSNN7"
        "mlZgV7H6velIPhCUfy3yhlRDGEg=="},
    Sample{"WerkzeugScrypt", "scrypt",
           "scrypt:16384:8:1$aB3dE5gH7jK9mN1p$"
           "9d27215e79f93da6b7dbeeb675e60f89bbf4bee0ae72b5cdf6297f31034a2a8b0cba8e3e9c9822be4f99358"
           "91107"
           "20d0dc5fd260760916b30f1c628906c22a24"},
    Sample{"Argon2i", "Argon2",
           "$argon2i$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
           "YJGAvKj5qMsNSKiRbHeobQaeGOmGgkv8kvHffzL"
           "9ZpY"},
    Sample{"Argon2d", "Argon2",
           "$argon2d$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$z7jERwaI61JsPubes4r+RIMCmbiY4J7FKu/"
           "S6lXUwM4"},
    Sample{"Argon2id", "Argon2id",
           "$argon2id$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$avUvXNtnn/"
           "GNZVscoS8F6XVDSn5QnlrimsKMNNw4iI8"},
    // As Keycloak keeps it, its columns put together as docs/cli.md says: with padding.
    Sample{"PaddedArgon2id", "Argon2id",
           "$argon2id$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA==$avUvXNtnn/"
           "GNZVscoS8F6XVDSn5QnlrimsKMNNw4iI8="},
    Sample{"PaddedArgon2i", "Argon2",
           "$argon2i$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA==$"
           "YJGAvKj5qMsNSKiRbHeobQaeGOmGgkv8kvHffzL9ZpY="},
    Sample{"PaddedPbkdf2", "PBKDF2",
           "$pbkdf2-sha256$i=29000,l=32$EBESExQVFhcYGRobHB0eHw==$52vJlomN6wbiITe538SRFjpo9jL9a+"
           "pU4Luq+gdp+ic="},
    Sample{"PaddedScrypt", "scrypt",
           "$scrypt$ln=14,r=8,p=1$EBESExQVFhcYGRobHB0eHw==$H25zc1jOjX8CcU6mloBEuYcbYX/"
           "P9dRAT0qJDNk4ZCI="},
    Sample{"SpringBcrypt", "bcrypt",
           "{bcrypt}$2a$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo."},
    Sample{"SpringArgon2", "Argon2id",
           "{argon2@SpringSecurity_v5_8}$argon2id$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
           "avUvXNtnn/GNZVscoS8F6XVDSn5QnlrimsKMNNw4iI8"},
    Sample{"DovecotBcrypt", "bcrypt",
           "{BLF-CRYPT}$2y$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo."},
    Sample{"DovecotArgon2i", "Argon2",
           "{ARGON2I}$argon2i$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
           "YJGAvKj5qMsNSKiRbHeobQaeGOmGgkv8kvHffzL9ZpY"},
    Sample{"LdapBcrypt", "bcrypt",
           "{CRYPT}$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo."},
    Sample{"LdapArgon2", "Argon2id",
           "{ARGON2}$argon2id$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
           "avUvXNtnn/GNZVscoS8F6XVDSn5QnlrimsKMNNw4iI8"},
    Sample{"LdapPbkdf2Sha256", "PBKDF2",
           "{PBKDF2-SHA256}29000$EBESExQVFhcYGRobHB0eHw$"
           "52vJlomN6wbiITe538SRFjpo9jL9a.pU4Luq.gdp.ic"},
    Sample{"LdapPbkdf2Sha1", "PBKDF2",
           "{PBKDF2}131000$EBESExQVFhcYGRobHB0eHw$IyId6ECHtepmCP50kG0aawQZnkc"},
    Sample{"DjangoArgon2", "Argon2id",
           "argon2$argon2id$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$avUvXNtnn/"
           "GNZVscoS8F6XVDSn5QnlrimsKMNNw4iI8"},
};

class ForeignHash : public testing::TestWithParam<Sample> {
 protected:
  bool Verify(std::string_view password, std::string_view hash) {
    return hasher_.Verify(password, hash);
  }
  crypto::SystemRandom random_;
  crypto::Argon2Hasher hasher_{random_, 64, 1};  // small, for speed
};

INSTANTIATE_TEST_SUITE_P(OfOtherPrograms, ForeignHash, testing::ValuesIn(kSamples),
                         [](const auto& sample) { return std::string(sample.param.name); });

TEST_P(ForeignHash, IsTakenAndKnowsItsPasswordAndNoOther) {
  const auto taken = CheckImportedHash(GetParam().hash, WeakHashes::kTaken);
  ASSERT_TRUE(taken.ok()) << taken.status().ToString();
  EXPECT_EQ(taken->scheme, GetParam().scheme);
  EXPECT_TRUE(Verify(kPassword, taken->stored));
  EXPECT_FALSE(Verify("correct horse batterY", taken->stored));
  EXPECT_FALSE(Verify("", taken->stored));
  EXPECT_TRUE(hasher_.IsImported(taken->stored));
  const auto renewed = hasher_.Renew(kPassword, taken->stored);
  ASSERT_TRUE(renewed);
  EXPECT_TRUE(renewed->starts_with("$argon2id$v=19$m=")) << *renewed;
  EXPECT_TRUE(Verify(kPassword, *renewed));
  EXPECT_FALSE(hasher_.Renew(kPassword, *renewed)) << "it is ours by now";
  EXPECT_EQ(CheckImportedHash(taken->stored, WeakHashes::kTaken)->stored, taken->stored)
      << "an export is an import elsewhere";
}

TEST_P(ForeignHash, CutShortIsRefusedWithAReason) {
  const std::string_view whole = GetParam().hash;
  for (std::size_t size = 0; size <= whole.rfind('$'); ++size) {
    const auto taken = CheckImportedHash(whole.substr(0, size), WeakHashes::kTaken);
    EXPECT_EQ(taken.status().code(), base::Code::kInvalid) << whole.substr(0, size);
    EXPECT_FALSE(taken.status().message().empty());
  }
  const auto longer = CheckImportedHash(std::string(whole) + "!", WeakHashes::kTaken);
  EXPECT_EQ(longer.status().code(), base::Code::kInvalid) << "bytes behind it";
}

// ---- the algorithms' own vectors ----

crypto::Pbkdf2 Pbkdf2(std::string digest, std::uint32_t rounds, std::string salt,
                      std::string hash) {
  return {.digest = std::move(digest),
          .rounds = rounds,
          .salt = std::move(salt),
          .hash = std::move(hash)};
}

TEST(ForeignVectors, Pbkdf2OfRfc6070AndRfc7914) {
  EXPECT_TRUE(crypto::VerifyForeign(
      "password",
      Pbkdf2("SHA1", 4096, "salt", FromHex("4b007901b765489abead49d926f721d065a429c1"))));
  EXPECT_TRUE(crypto::VerifyForeign(
      "Password",
      Pbkdf2("SHA256", 80000, "NaCl",
             FromHex("4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
                     "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d"))));
}

TEST(ForeignVectors, ScryptOfRfc7914) {
  const crypto::Scrypt salted{
      .n = 1024,
      .r = 8,
      .p = 16,
      .salt = "NaCl",
      .hash = FromHex("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                      "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640")};
  EXPECT_TRUE(crypto::VerifyForeign("password", salted));
  EXPECT_FALSE(crypto::VerifyForeign("passworD", salted));
}

TEST(ForeignVectors, BcryptOfOpenwall) {
  EXPECT_TRUE(crypto::VerifyForeign(
      "U*U",
      crypto::Bcrypt{.crypt = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"}));
  EXPECT_TRUE(crypto::VerifyForeign(
      "\xff\xff\xa3",
      crypto::Bcrypt{.crypt = "$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e"}));
}

TEST(ForeignVectors, Argon2iOfLibargon2) {
  const auto hash = crypto::ParseForeignHash(
      "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA");
  ASSERT_TRUE(hash.ok()) << hash.status().ToString();
  EXPECT_TRUE(crypto::VerifyForeign("password", *hash));
}

// ---- the edges ----

TEST(ForeignBcrypt, ReadsSeventyTwoBytesAsItAlwaysDid) {
  const crypto::Bcrypt hash{.crypt =
                                "$2b$05$abcdefghijklmnopqrstuujf8SX2ahXLwp9w/B.Y5XdysS6yR576q"};
  EXPECT_TRUE(crypto::VerifyForeign(std::string(72, 'x') + "y", hash));
  EXPECT_TRUE(crypto::VerifyForeign(std::string(1000, 'x'), hash));
  EXPECT_FALSE(crypto::VerifyForeign(std::string(71, 'x'), hash));
}

TEST(ForeignBcrypt, KnowsNoPasswordWithAZeroByte) {
  const crypto::Bcrypt hash{.crypt =
                                "$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo."};
  EXPECT_FALSE(crypto::VerifyForeign(std::string(kPassword) + '\0', hash));
  EXPECT_FALSE(crypto::VerifyForeign(std::string(kPassword) + std::string("\0x", 2), hash));
}

TEST(ForeignBounds, RefuseWhatSignInWouldWaitFor) {
  const std::string bcrypt_rest = "$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.";
  const std::string salt_and_hash =
      "$EBESExQVFhcYGRobHB0eHw$52vJlomN6wbiITe538SRFjpo9jL9a.pU4Luq.gdp.ic";
  EXPECT_TRUE(CheckImportedHash("$2b$14" + bcrypt_rest).ok());
  EXPECT_TRUE(CheckImportedHash("$pbkdf2-sha256$2000000" + salt_and_hash).ok());
  EXPECT_TRUE(CheckImportedHash("$scrypt$ln=18,r=8,p=2" + salt_and_hash).ok());
  EXPECT_TRUE(crypto::ParseForeignHash("$scrypt$ln=7,r=8,p=4096" + salt_and_hash).ok());
  EXPECT_TRUE(CheckImportedHash("$argon2id$v=19$m=262144,t=4,p=1" + salt_and_hash.substr(0, 24) +
                                "52vJlomN6wbiITe538SRFjpo9jL9aApU4LuqAgdpAic")
                  .ok());
  for (const auto& [hash, reason] : {
           std::pair{"$2b$15" + bcrypt_rest, "cost 15"},
           std::pair{"$2b$31" + bcrypt_rest, "cost 31"},
           std::pair{"$2b$03" + bcrypt_rest, "cost 3"},
           std::pair{"$pbkdf2-sha256$2000001" + salt_and_hash, "rounds"},
           std::pair{"$pbkdf2-sha256$4294967296" + salt_and_hash, "rounds"},
           std::pair{"$pbkdf2$1000001" + salt_and_hash, "2 blocks"},
           std::pair{"$scrypt$ln=19,r=8,p=1" + salt_and_hash, "N × r"},
           std::pair{"$scrypt$ln=18,r=8,p=3" + salt_and_hash, "N × r"},
           std::pair{"$scrypt$ln=1,r=1,p=2097152" + salt_and_hash, "r × p up to 2^15"},
           std::pair{"$scrypt$ln=1,r=1048576,p=1" + salt_and_hash, "r × p up to 2^15"},
           std::pair{"$scrypt$ln=1,r=8,p=4097" + salt_and_hash, "r × p up to 2^15"},
           std::pair{"scrypt:2:1:32769$salt$" + std::string(64, 'a'), "r × p up to 2^15"},
           std::pair{"$scrypt$ln=63,r=9999999999,p=9999999999" + salt_and_hash, "N × r"},
           std::pair{"scrypt:1000:8:1" + std::string("$salt$") + std::string(64, 'a'),
                     "power of two"},
           std::pair{"$argon2id$v=19$m=262144,t=5,p=1" + salt_and_hash.substr(0, 24) +
                         "52vJlomN6wbiITe538SRFjpo9jL9aApU4LuqAgdpAic",
                     "passes"},
           std::pair{std::string(513, '$'), "at most 512"},
       }) {
    const auto taken = CheckImportedHash(hash);
    ASSERT_FALSE(taken.ok()) << hash;
    EXPECT_NE(taken.status().message().find(reason), std::string::npos) << taken.status().message();
  }
}

TEST(Price, IsThatOfSoManyHashesOfOurs) {
  crypto::SystemRandom random;
  const crypto::Argon2Hasher hasher(random);
  const std::string bcrypt_rest = "$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.";
  const std::string ab64 = "$EBESExQVFhcYGRobHB0eHw$52vJlomN6wbiITe538SRFjpo9jL9a.pU4Luq.gdp.ic";
  const std::string base64 = "$EBESExQVFhcYGRobHB0eHw$52vJlomN6wbiITe538SRFjpo9jL9aApU4LuqAgdpAic";
  for (const auto& [hash, price] : {
           std::pair{std::string(), 1},
           std::pair{std::string("nonsense"), 1},
           std::pair{"$argon2id$v=19$m=19456,t=2,p=1" + base64, 1},
           std::pair{"$argon2id$v=19$m=8,t=1,p=1" + base64, 1},
           std::pair{"$argon2id$v=19$m=65536,t=3,p=4" + base64, 5},
           std::pair{"argon2$argon2id$v=19$m=262144,t=4,p=1" + base64, 10},
           std::pair{"$argon2i$v=19$m=262144,t=4,p=1" + base64, 10},
           std::pair{"$2b$10" + bcrypt_rest, 1},
           std::pair{"$2b$12" + bcrypt_rest, 5},
           std::pair{"$2b$14" + bcrypt_rest, 10},
           std::pair{"$pbkdf2-sha256$600000" + ab64, 3},
           std::pair{"$pbkdf2-sha256$2000000" + ab64, 10},
           std::pair{"$scrypt$ln=17,r=8,p=1" + ab64, 10},
       }) {
    EXPECT_EQ(hasher.PriceOf(hash), price) << hash;
  }
}

// OWASP's least and one step below it, for each kind.
TEST(ForeignBounds, RefuseWhatIsBelowOwaspsLeast) {
  const std::string bcrypt_rest = "$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.";
  const std::string ab64 = "$EBESExQVFhcYGRobHB0eHw$52vJlomN6wbiITe538SRFjpo9jL9a.pU4Luq.gdp.ic";
  const std::string base64 = "$EBESExQVFhcYGRobHB0eHw$52vJlomN6wbiITe538SRFjpo9jL9aApU4LuqAgdpAic";
  const auto of = [](const std::string& head, const std::string& tail) { return head + tail; };
  for (const auto& [enough, weak, says] : {
           std::tuple{of("$2b$10", bcrypt_rest), of("$2b$09", bcrypt_rest), "cost 9"},
           std::tuple{of("{bcrypt}$2a$10", bcrypt_rest), of("{bcrypt}$2a$09", bcrypt_rest),
                      "cost 9"},
           std::tuple{of("$pbkdf2-sha256$600000", ab64), of("$pbkdf2-sha256$599999", ab64),
                      "599999 rounds"},
           std::tuple{of("$pbkdf2-sha512$210000", ab64), of("$pbkdf2-sha512$209999", ab64),
                      "209999 rounds"},
           std::tuple{
               std::string("$pbkdf2$1300000$EBESExQVFhcYGRobHB0eHw$IyId6ECHtepmCP50kG0aawQZnkc"),
               std::string("$pbkdf2$1299999$EBESExQVFhcYGRobHB0eHw$IyId6ECHtepmCP50kG0aawQZnkc"),
               "1299999 rounds"},
           std::tuple{of("$scrypt$ln=17,r=8,p=1", ab64), of("$scrypt$ln=16,r=8,p=1", ab64),
                      "N 65536, r 8, p 1"},
           std::tuple{of("$scrypt$ln=14,r=8,p=5", ab64), of("$scrypt$ln=14,r=8,p=4", ab64),
                      "N 16384, r 8, p 4"},
           std::tuple{of("$argon2id$v=19$m=19456,t=2,p=1", base64),
                      of("$argon2id$v=19$m=19455,t=2,p=1", base64), "19455 KiB and 2"},
           std::tuple{of("$argon2id$v=19$m=7168,t=5,p=1", base64),
                      of("$argon2id$v=19$m=7168,t=4,p=1", base64), "7168 KiB and 4"},
           std::tuple{of("argon2$argon2id$v=19$m=47104,t=1,p=1", base64),
                      of("argon2$argon2id$v=19$m=8,t=1,p=1", base64), "8 KiB and 1"},
           std::tuple{of("$argon2i$v=19$m=12288,t=3,p=1", base64),
                      of("$argon2i$v=19$m=12288,t=2,p=1", base64), "12288 KiB and 2"},
       }) {
    EXPECT_TRUE(CheckImportedHash(enough).ok()) << enough;
    const auto refused = CheckImportedHash(weak);
    ASSERT_FALSE(refused.ok()) << weak;
    EXPECT_NE(refused.status().message().find(says), std::string::npos)
        << refused.status().message();
    EXPECT_NE(refused.status().message().find("--weak-hashes"), std::string::npos);
    EXPECT_TRUE(CheckImportedHash(weak, WeakHashes::kTaken).ok()) << weak;
  }
}

TEST(ForeignBounds, SayOfKnownFormsWhyTheyAreNotTaken) {
  for (const auto& [hash, says] : {
           std::pair{"{SSHA}DkMTwBl+a/3DfY+MZHmnBZ+UMExw2Qdz", "too fast"},
           std::pair{"{SSHA512}x", "too fast"},
           std::pair{"$1$salt$qJH7.N4xYta3aEG/dfqo/0", "too fast"},
           std::pair{"$P$BWcA7fMRYEnZ2FGmwRMVVvJbqYq1Jd.", "too fast"},
           std::pair{"sha1$salt$59d0c1dbe5e0f9c4ec7a6b8fdfe2d9ac", "too fast"},
           std::pair{"{noop}password", "too fast"},
           std::pair{"$6$salt$x", "not taken"},
           std::pair{"$y$j9T$salt$x", "not taken"},
           std::pair{"$wp$2y$10$abcdefghijklmnopqrstuu", "not taken"},
           std::pair{"AQAAAAIAAYagAAAAE", "PHC string"},
           std::pair{"{pbkdf2}5d923b44a6d129f3ddf3e3c8d29412723dcbde72", "PHC string"},
       }) {
    const auto taken = CheckImportedHash(hash, WeakHashes::kTaken);
    ASSERT_FALSE(taken.ok()) << hash;
    EXPECT_NE(taken.status().message().find(says), std::string::npos) << taken.status().message();
  }
}

TEST(ForeignBounds, RefuseWhatIsNoHash) {
  for (const std::string_view text :
       {"", "password", "$1$salt$hash",
        "$2x$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.",
        "$2b$5$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo..",
        "$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo!", "bcrypt$x",
        "$pbkdf2-md5$1000$EBESExQVFhcYGRobHB0eHw$52vJlomN6wbiITe538SRFg",
        "$pbkdf2-sha256$0$EBESExQVFhcYGRobHB0eHw$52vJlomN6wbiITe538SRFg",
        "$pbkdf2-sha256$-1$EBESExQVFhcYGRobHB0eHw$52vJlomN6wbiITe538SRFg",
        "$pbkdf2-sha256$1000$$52vJlomN6wbiITe538SRFg", "$pbkdf2-sha256$1000$EBES$short",
        "$pbkdf2-sha256$i=1000,l=31$EBES$52vJlomN6wbiITe538SRFjpo9jL9aApU4LuqAgdpAic",
        "pbkdf2_sha256$1000", "scrypt$16384$salt$8", "scrypt:16384:8:1$salt$zz", "$scrypt$ln=14",
        "$argon2i$v=18$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$YJGAvKj5qMsNSKiRbHeobQ",
        "$argon2id$"}) {
    EXPECT_EQ(CheckImportedHash(text).status().code(), base::Code::kInvalid) << text;
  }
}

TEST(ForeignBounds, HashThatIsNoneTakesTheTimeOfOurOwnAndIsFalse) {
  crypto::SystemRandom random;
  crypto::Argon2Hasher hasher(random, 64, 1);
  EXPECT_FALSE(hasher.Verify("password", "$2b$99$broken"));
  EXPECT_FALSE(hasher.Verify(std::string(1025, 'x'), kSamples[0].hash));
}

}  // namespace
