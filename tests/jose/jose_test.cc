#include "jose/jose.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace {

using base::Code;

std::string Encode(std::string_view text) { return base::Base64UrlEncode(base::AsBytes(text)); }
std::string Token(std::string_view header, std::string_view payload) {
  return Encode(header) + "." + Encode(payload) + "." + Encode("signature");
}
Code CodeOfClaims(std::string_view payload) {
  return jose::ParseJwt(Token(R"({"alg":"ES256"})", payload)).status().code();
}

TEST(Jwt, IsTakenApart) {
  const std::string text = Token(
      R"({"alg":"ES256","kid":"k1","typ":"JWT"})",
      R"({"iss":"a","sub":"b","aud":"c","jti":"d","exp":1764000000,"nbf":1.5,"x":{"y":[1]}})");
  const auto jwt = jose::ParseJwt(text);
  ASSERT_TRUE(jwt.ok()) << jwt.status().ToString();
  EXPECT_EQ(jwt->alg, "ES256");
  EXPECT_EQ(jwt->kid, "k1");
  EXPECT_EQ(jwt->claims.iss, "a");
  EXPECT_EQ(jwt->claims.sub, "b");
  EXPECT_EQ(jwt->claims.aud, std::vector<std::string>{"c"});
  EXPECT_EQ(jwt->claims.jti, "d");
  EXPECT_EQ(jwt->claims.exp, base::FromUnixMillis(1'764'000'000'000));
  EXPECT_EQ(jwt->claims.nbf, base::FromUnixMillis(1500));
  EXPECT_FALSE(jwt->claims.iat.has_value());
  EXPECT_EQ(jwt->signature, "signature");
  EXPECT_EQ(jwt->signing_input, text.substr(0, text.rfind('.')));
}

TEST(Jwt, ATimeIsANumberWithinBoundsHoweverItIsWritten) {
  for (const char* exp : {"0.00000000001e-2147483639", "1764000000", "1764000000.5", "1.764e9"}) {
    EXPECT_EQ(CodeOfClaims(std::string("{\"exp\":") + exp + "}"), Code::kOk) << exp;
  }
  for (const char* exp :
       {"-1", "1e12", "1e308", "18446744073709551616", "\"1764000000\"", "null"}) {
    EXPECT_EQ(CodeOfClaims(std::string("{\"exp\":") + exp + "}"), Code::kInvalid) << exp;
  }
  const std::string poison = R"({"alg":"ES256","x":0.00000000001e-2147483639})";
  EXPECT_TRUE(jose::ParseJwt(Token(poison, "{}")).ok());
}

TEST(Jwt, AudienceMayBeAList) {
  const auto jwt = jose::ParseJwt(Token("{}", R"({"aud":["c","d"]})"));
  ASSERT_TRUE(jwt.ok());
  EXPECT_EQ(jwt->claims.aud, (std::vector<std::string>{"c", "d"}));
}

TEST(Jwt, OfTheWrongShapeIsInvalid) {
  const std::string header = Encode("{}");
  for (const std::string& text :
       {std::string(), std::string("a.b"), header + "." + header, header + "." + header + ".!",
        header + "." + Encode("[]") + ".", header + ".." + header, header + "=." + header + ".",
        header + "." + header + ".a.b", header + "." + Encode(std::string(20'000, ' ')) + "."}) {
    EXPECT_EQ(jose::ParseJwt(text).status().code(), Code::kInvalid) << text.substr(0, 80);
  }
}

TEST(Jwt, WithClaimsOfTheWrongTypeIsInvalid) {
  for (const char* payload :
       {R"({"iss":1})", R"({"sub":["a"]})", R"({"aud":1})", R"({"aud":["a",1]})", R"({"jti":null})",
        R"({"exp":"1"})", R"({"exp":-1})", R"({"exp":1e300})", R"({"nbf":{}})"}) {
    EXPECT_EQ(CodeOfClaims(payload), Code::kInvalid) << payload;
  }
}

TEST(Jwt, WithAnExtensionThatMustBeUnderstoodIsInvalid) {
  EXPECT_EQ(jose::ParseJwt(Token(R"({"alg":"ES256","crit":["b64"]})", "{}")).status().code(),
            Code::kInvalid);
}

TEST(Jwks, KeepsSigningKeysAndWhatTheyNeed) {
  const auto keys = jose::ParseJwks(
      R"({"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"BB","kid":"k","use":"sig"},
                  {"kty":"RSA","n":"CC","e":"AQAB","alg":"RS256","x5t":"?"},
                  {"kty":"RSA","n":"DD","e":"AQAB","use":"enc"}]})");
  ASSERT_TRUE(keys.ok());
  ASSERT_EQ(keys->size(), 2U);
  EXPECT_EQ(keys->at(0).kid, "k");
  EXPECT_EQ(jose::AlgorithmOf(keys->at(0)), records::SigningAlgorithm::kEs256);
  EXPECT_EQ(jose::AlgorithmOf(keys->at(1)), records::SigningAlgorithm::kRs256);
}

TEST(Jwks, AKeyOfAnotherKindHasNoAlgorithmOfOurs) {
  for (const char* text :
       {R"({"keys":[{"kty":"EC","crv":"P-384"}]})", R"({"keys":[{"kty":"oct"}]})",
        R"({"keys":[{"kty":"RSA","alg":"PS256"}]})",
        R"({"keys":[{"kty":"EC","crv":"P-256","alg":"RS256"}]})"}) {
    EXPECT_EQ(jose::AlgorithmOf(jose::ParseJwks(text)->at(0)), std::nullopt) << text;
  }
}

TEST(Jwks, OfTheWrongShapeOrWithAPrivateKeyIsInvalid) {
  for (const char* text : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[1]})",
                           R"({"keys":[{"kty":1}]})", R"({"keys":[{"kty":"EC","use":1}]})",
                           R"({"keys":[{"kty":"EC","crv":"P-256","d":"secret"}]})"}) {
    EXPECT_EQ(jose::ParseJwks(text).status().code(), Code::kInvalid) << text;
  }
}

}  // namespace
