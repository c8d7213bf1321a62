#include "http/params.h"

#include <gtest/gtest.h>

#include "http/authorization.h"
#include "http/errors.h"

namespace {

using base::Code;

TEST(Form, DecodesAndTreatsEmptyAsAbsent) {
  const auto params = http::ParseForm("a=1+2&b=%C3%A9&c=&&d");
  ASSERT_TRUE(params.ok());
  EXPECT_EQ(params->Get("a"), "1 2");
  EXPECT_EQ(params->Get("b"), "\xC3\xA9");
  EXPECT_EQ(params->Get("c"), "");
  EXPECT_EQ(params->Get("d"), "");
  EXPECT_EQ(params->Get("e"), "");
}

TEST(Form, RefusesRepeatedNamesBadEscapesBadUtf8AndControls) {
  for (const char* text : {"a=1&a=1", "a=%4", "a=%zz", "a=%", "a=%C3", "a=%C0%80", "a=%ED%A0%80",
                           "a=%F5%80%80%80", "a=%00", "%0a=1", "a=%7f"}) {
    EXPECT_EQ(http::ParseForm(text).status().code(), Code::kInvalid) << text;
  }
}

TEST(Form, BoundsTheNumberOfParameters) {
  std::string text;
  for (int i = 0; i < 64; ++i) text += "p" + std::to_string(i) + "=1&";
  EXPECT_TRUE(http::ParseForm(text).ok());
  EXPECT_EQ(http::ParseForm(text + "one_more=1").status().code(), Code::kInvalid);
}

TEST(Form, OfAPageHasItsKnownParametersAlone) {
  const auto params = http::ParsePageForm("utm=1&utm=2&x=100%&%zz=1&user_code=ABCD&client_id=%ff");
  ASSERT_TRUE(params.ok());
  EXPECT_EQ(params->Get("user_code"), "ABCD");
  EXPECT_EQ(params->Get("utm"), "");
  for (const char* text : {"org=%zz", "org=%ff", "org=a&org=b", "csrf=%00", "email=a%0db"}) {
    EXPECT_EQ(http::ParsePageForm(text).status().code(), Code::kInvalid) << text;
  }
}

TEST(Params, HoldControlCharactersWherePeopleTypeThem) {
  EXPECT_EQ(http::ParseForm("user_code=A%09B%0a%00C")->Get("user_code"), "ABC");
  EXPECT_EQ(http::ParseJson(R"({"user_code":"A\tB\u0000C"})")->Get("user_code"), "ABC");
  EXPECT_EQ(http::ParseForm("org=%09+acme%0d%0a")->Get("org"), "acme");
  EXPECT_EQ(http::ParseJson(R"({"org":"\tacme\n","service":" cli "})")->Get("service"), "cli");
  EXPECT_EQ(http::ParseForm("password=+a%09+")->Get("password"), " a\t ");
  for (const char* text : {"org=a%09b", "scope=a%09", "device_code=%0a", "unknown=%09"}) {
    EXPECT_EQ(http::ParseForm(text).status().code(), Code::kInvalid) << text;
  }
}

TEST(Json, TakesFlatObjectsAndLeavesNestedMembersOut) {
  const auto params = http::ParseJson(R"({"a":"x","n":5,"t":true,"z":null,"o":{"a":1},"l":[1]})");
  ASSERT_TRUE(params.ok());
  EXPECT_EQ(params->Get("a"), "x");
  EXPECT_EQ(params->Get("n"), "5");
  EXPECT_EQ(params->Get("t"), "true");
  EXPECT_EQ(params->Get("z"), "");
  EXPECT_EQ(params->Get("o"), "");
}

TEST(Json, AKnownParameterThatIsNoTextIsRefusedAnUnknownOneIgnored) {
  for (const char* name :
       {"client_id", "client_secret", "client_assertion", "client_assertion_type", "grant_type",
        "device_code", "refresh_token", "scope", "resource", "org", "service", "user_code"}) {
    for (const char* value :
         {"[]", "{}", R"(["https://api.acme.example"])", R"([["a"]])", R"({"a":1})"}) {
      const std::string text = "{\"" + std::string(name) + "\":" + value + "}";
      EXPECT_EQ(http::ParseJson(text).status().code(), Code::kInvalid) << text;
    }
    EXPECT_TRUE(http::ParseJson("{\"" + std::string(name) + "\":null}").ok()) << name;
  }
  const auto params = http::ParseJson(
      R"({"device":{"os":"x"},"password":["x"],"Resource":["x"],"resources":["x"],"client_id":"a"})");
  ASSERT_TRUE(params.ok()) << "of pages, or of nobody";
  EXPECT_EQ(params->Get("client_id"), "a");
}

TEST(Params, MoreThanOneResourceIsNoMalformedRequest) {
  for (const char* text :
       {"resource=a&resource=b", "resource=a&resource=a", "x=1&resource=&resource=a"}) {
    EXPECT_EQ(http::ParseForm(text).status().code(), Code::kExists) << text;
  }
  EXPECT_EQ(http::ParseJson(R"({"resource":"a","resource":"b"})").status().code(), Code::kExists);
  EXPECT_EQ(http::ParseForm("scope=a&scope=b").status().code(), Code::kInvalid);
}

TEST(Json, SeveralResourcesInAnArrayAreThatNameRepeated) {
  for (const char* value : {R"(["a","b"])", R"(["a","a"])", R"(["","a"])", R"([1,true,"a"])"}) {
    const std::string text = "{\"resource\":" + std::string(value) + "}";
    EXPECT_EQ(http::ParseJson(text).status().code(), Code::kExists) << text;
  }
  for (const char* value : {"[]", R"(["a"])", R"([["a"],["b"]])", R"(["a",null])", R"(["a",["b"]])",
                            R"([{},{}])", R"(["\u0001","a"])"}) {
    const std::string text = "{\"resource\":" + std::string(value) + "}";
    EXPECT_EQ(http::ParseJson(text).status().code(), Code::kInvalid) << text;
  }
  EXPECT_EQ(http::ParseJson(R"({"resource":"a","resource":["b","c"]})").status().code(),
            Code::kExists);
  EXPECT_EQ(http::ParseJson(R"({"scope":["a","b"]})").status().code(), Code::kInvalid)
      << "which may not be repeated (RFC 6749 §3.2)";
}

TEST(Json, RefusesWhatIsNoObjectRepeatedMembersAndBadEncoding) {
  for (const char* text : {"[]", "1", "\"a\"", "{", "{\"a\":1,\"a\":2}", "{\"a\":\"\xff\"}", "{} x",
                           "{\"a\":\"\\u0000\"}", "{\"a\":\"\\udd11\"}", "{\"\\udd11\":1}"}) {
    EXPECT_EQ(http::ParseJson(text).status().code(), Code::kInvalid) << text;
  }
}

TEST(Json, DepthIsBoundedAndCostsNoStack) {
  const auto nested = [](std::size_t depth) {
    return http::ParseJson("{\"a\":" + std::string(depth, '[') + std::string(depth, ']') +
                           ",\"b\":\"x\"}");
  };
  ASSERT_TRUE(nested(31).ok());
  EXPECT_EQ(nested(31)->Get("b"), "x");
  for (const std::size_t depth : {32U, 500'000U}) {
    EXPECT_EQ(nested(depth).status().code(), Code::kInvalid);
  }
  EXPECT_EQ(http::ParseJson("{\"a\":" + std::string(2'000'000, '[')).status().code(),
            Code::kInvalid);
}

TEST(Json, ANumberIsTheTextThatWasSent) {
  const auto params = http::ParseJson(
      R"({"a":0.00000000001e-2147483639,"b":18446744073709551616,"c":1.50,"d":-7})");
  ASSERT_TRUE(params.ok());
  EXPECT_EQ(params->Get("a"), "0.00000000001e-2147483639");
  EXPECT_EQ(params->Get("b"), "18446744073709551616");
  EXPECT_EQ(params->Get("c"), "1.50");
  EXPECT_EQ(params->Get("d"), "-7");
}

TEST(Body, IsReadByContentType) {
  EXPECT_EQ(http::ParseBody("application/x-www-form-urlencoded; charset=UTF-8", "a=1")->Get("a"),
            "1");
  EXPECT_EQ(http::ParseBody("Application/JSON", "{\"a\":\"1\"}")->Get("a"), "1");
  EXPECT_TRUE(http::ParseBody("application/json", "").ok()) << "the origin's SDK sends none";
  EXPECT_EQ(http::ParseBody("text/plain", "a=1").status().code(), Code::kDenied);
  EXPECT_EQ(http::ParseBody("", "a=1").status().code(), Code::kDenied);
}

TEST(ClientCredentials, AreFormDecodedFromBasic) {
  // client:with colon / s%cret, as RFC 6749 §2.3.1 encodes both halves
  const auto credentials = http::ReadClientCredentials("basic YSUzQWI6cyUyNWM=", {});
  ASSERT_TRUE(credentials.ok());
  EXPECT_EQ(credentials->client_id, "a:b");
  EXPECT_EQ(credentials->client_secret, "s%c");
}

TEST(ClientCredentials, RefuseTwoMethodsButTakeAnEqualClientIdBesideBasic) {
  const std::string basic = "Basic YWNtZS1jbGk6";  // acme-cli and an empty password
  auto params = *http::ParseForm("client_id=acme-cli");
  EXPECT_TRUE(http::ReadClientCredentials(basic, params).ok());
  params = *http::ParseForm("client_id=other");
  EXPECT_EQ(http::ReadClientCredentials(basic, params).error().code,
            domain::ErrorCode::kInvalidRequest);
  params = *http::ParseForm("client_id=acme-cli&client_secret=x");
  EXPECT_EQ(http::ReadClientCredentials(basic, params).error().code,
            domain::ErrorCode::kInvalidRequest);
}

TEST(ClientCredentials, ThatCannotBeDecodedAreAFailedAuthentication) {
  for (const char* header : {"Basic %%%", "Basic YWNtZQ==", "Basic JXp6Og=="}) {
    EXPECT_EQ(http::ReadClientCredentials(header, {}).error().code,
              domain::ErrorCode::kClientAuthenticationFailed)
        << header;
  }
}

TEST(BearerToken, IsReadInAnyCaseOfTheScheme) {
  EXPECT_EQ(http::BearerToken("bearer  abc"), "abc");
  EXPECT_EQ(http::BearerToken("Basic abc"), "");
  EXPECT_EQ(http::BearerToken("Bearer"), "");
  EXPECT_EQ(http::BearerToken(""), "");
}

TEST(ErrorResponse, CarriesBothVocabularies) {
  const auto now = base::FromUnixMillis(1'764'000'000'000);
  const auto response = http::ErrorResponse({.code = domain::ErrorCode::kSlowDown,
                                             .description = "wait",
                                             .retry_after = base::seconds(10)},
                                            now);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(
      response.body,
      R"({"error":"slow_down","error_description":"wait","error_code":"SLOW_DOWN","timestamp":"2025-11-24T16:00:00Z"})");
  const auto has = [&response](const char* name, const char* value) {
    for (const auto& [key, text] : response.headers) {
      if (key == name && text == value) return true;
    }
    return false;
  };
  EXPECT_TRUE(has("Retry-After", "10"));
  EXPECT_TRUE(has("Cache-Control", "no-store"));
}

TEST(ErrorResponse, OfTheJsonApiIsASentence) {
  const auto response = http::ErrorResponse(
      {.code = domain::ErrorCode::kBadRequest, .description = "The code is not valid."}, {});
  EXPECT_EQ(
      response.body,
      R"({"error":"The code is not valid.","error_code":"BAD_REQUEST","timestamp":"1970-01-01T00:00:00Z"})");
}

}  // namespace
