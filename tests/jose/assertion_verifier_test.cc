#include "jose/assertion_verifier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "crypto/crypto.h"
#include "crypto/crypto_testing.h"

namespace {

using records::SigningAlgorithm;

struct Key {
  std::string x, y;
  crypto::SigningKey signer;
};

Key MakeKey(char seed) {
  const crypto::MasterKey master = testing_crypto::KeyOf('m');
  testing_crypto::ScriptedRandom random(std::string("random ") + seed);
  const auto made = crypto::GenerateSigningKey(SigningAlgorithm::kEs256, master, random);
  EXPECT_TRUE(made.ok());
  const auto parameters = crypto::ParsePublicKey(SigningAlgorithm::kEs256, made->public_key);
  EXPECT_TRUE(parameters.ok());
  auto signer =
      crypto::SigningKey::Unwrap(SigningAlgorithm::kEs256, made->wrapped_private_key, master);
  EXPECT_TRUE(signer.ok());
  return {parameters->x, parameters->y, std::move(*signer)};
}

std::string Encoded(std::string_view text) { return base::Base64UrlEncode(base::AsBytes(text)); }

class Verifying : public testing::Test {
 protected:
  Verifying() {
    for (const char seed : {'a', 'b', 'c'}) keys_.push_back(MakeKey(seed));
  }

  // Each key under the name of its place, or under none.
  std::string Jwks(bool has_kid) const {
    return JwksNaming(has_kid ? std::vector<std::size_t>{0, 1, 2} : std::vector<std::size_t>{});
  }
  // These under the name of their place, the others under none.
  std::string JwksNaming(const std::vector<std::size_t>& named) const {
    std::string text;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      const bool has_kid = std::find(named.begin(), named.end(), i) != named.end();
      text += (i == 0 ? "" : ",") + std::string(R"({"kty":"EC","crv":"P-256")") +
              (has_kid ? R"(,"kid":"k)" + std::to_string(i) + "\"" : "") + R"(,"x":")" +
              keys_[i].x + R"(","y":")" + keys_[i].y + "\"}";
    }
    return "{\"keys\":[" + text + "]}";
  }
  std::string Signed(std::size_t key, std::string_view kid) const {
    const std::string header =
        R"({"alg":"ES256")" + (kid.empty() ? "" : ",\"kid\":\"" + std::string(kid) + "\"") + "}";
    const std::string input = Encoded(header) + "." + Encoded(R"({"iss":"a","sub":"a"})");
    return input + "." + Encoded(*keys_[key].signer.Sign(input));
  }

  std::vector<Key> keys_;
  jose::AssertionVerifier verifier_;
};

TEST_F(Verifying, TakesTheSignatureOfEachNamedKey) {
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    EXPECT_TRUE(verifier_.Verify(Signed(i, "k" + std::to_string(i)), Jwks(true))) << i;
  }
  EXPECT_FALSE(verifier_.Verify(Signed(0, "k1"), Jwks(true)));
  EXPECT_FALSE(verifier_.Verify(Signed(0, "k9"), Jwks(true)));
}

// Strangers send assertions without kid, whose every key is a check of a signature.
TEST_F(Verifying, TriesTwoKeysWhereNoneIsNamed) {
  for (const bool has_kid : {true, false}) {
    EXPECT_TRUE(verifier_.Verify(Signed(0, ""), Jwks(has_kid)));
    EXPECT_TRUE(verifier_.Verify(Signed(1, ""), Jwks(has_kid)));
    EXPECT_FALSE(verifier_.Verify(Signed(2, ""), Jwks(has_kid)));
  }
  EXPECT_FALSE(verifier_.Verify(Signed(2, "k2"), Jwks(false))) << "keys without a name may be any";
}

TEST_F(Verifying, TriesTheNamedKeyWhereverItStandsAndThenTwoWithoutAName) {
  EXPECT_TRUE(verifier_.Verify(Signed(2, "k2"), JwksNaming({2})))
      << "two without a name stand before it";
  EXPECT_TRUE(verifier_.Verify(Signed(1, "k2"), JwksNaming({2})))
      << "the second of them may be it, too";
  EXPECT_TRUE(verifier_.Verify(Signed(2, "k0"), JwksNaming({0})))
      << "the named one counts for none";
  EXPECT_TRUE(verifier_.Verify(Signed(1, "k1"), JwksNaming({1})));
  EXPECT_FALSE(verifier_.Verify(Signed(2, "k9"), JwksNaming({2}))) << "it has another name";
}

}  // namespace
