#include "worker/fcgi/request_params.h"

#include <gtest/gtest.h>

#include <limits>

namespace worker {
namespace {

TEST(RequestParams, TakesEveryParameterByItsName) {
  const char* const environment[] = {"REQUEST_METHOD=POST",
                                     "DOCUMENT_URI=/auth/token",
                                     "QUERY_STRING=a=b&c=d",
                                     "CONTENT_TYPE=application/json",
                                     "CONTENT_LENGTH=12",
                                     "HTTP_HOST=login.example.com",
                                     "REMOTE_ADDR=2001:db8::1",
                                     "REQUEST_ID=0123456789abcdef0123456789abcdef",
                                     "REQUEST_TIME=1763999999.123",
                                     "HTTP_AUTHORIZATION=Bearer x",
                                     "HTTP_COOKIE=a=1; b=2",
                                     "HTTP_USER_AGENT=curl",
                                     "HTTP_ACCEPT=text/html",
                                     "HTTP_ORIGIN=https://app.example.com",
                                     "HTTP_SEC_FETCH_SITE=same-origin",
                                     "HTTP_SEC_FETCH_MODE=navigate",
                                     "HTTP_SEC_FETCH_DEST=document",
                                     "HTTP_IF_NONE_MATCH=\"tag\"",
                                     nullptr};
  const RequestParams params = ReadParams(environment);
  EXPECT_EQ(params.request.method, "POST");
  EXPECT_EQ(params.request.path, "/auth/token");
  EXPECT_EQ(params.request.query, "a=b&c=d");
  EXPECT_EQ(params.request.content_type, "application/json");
  EXPECT_EQ(params.content_length, "12");
  EXPECT_EQ(params.request.host, "login.example.com");
  EXPECT_EQ(params.request.remote_address, "2001:db8::1");
  EXPECT_EQ(params.request.request_id_text, "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(params.request_time, "1763999999.123");
  EXPECT_EQ(params.request.authorization, "Bearer x");
  EXPECT_EQ(params.request.cookie, "a=1; b=2");
  EXPECT_EQ(params.request.user_agent, "curl");
  EXPECT_EQ(params.request.accept, "text/html");
  EXPECT_EQ(params.request.origin, "https://app.example.com");
  EXPECT_EQ(params.request.sec_fetch_site, "same-origin");
  EXPECT_EQ(params.request.sec_fetch_mode, "navigate");
  EXPECT_EQ(params.request.sec_fetch_dest, "document");
  EXPECT_EQ(params.request.if_none_match, "\"tag\"");
}

TEST(RequestParams, IgnoresWhatItDoesNotKnow) {
  const char* const environment[] = {"FCGI_ROLE=RESPONDER", "HTTP_PROXY=", "NOEQUALS", "=", "",
                                     "HTTP_X_METHOD=PUT",   nullptr};
  const RequestParams params = ReadParams(environment);
  EXPECT_EQ(params.request.method, "");
  EXPECT_EQ(params.request.path, "");
}

TEST(RequestParams, ScriptNameStandsInForDocumentUri) {
  const char* const script[] = {"SCRIPT_NAME=/healthz", nullptr};
  EXPECT_EQ(ReadParams(script).request.path, "/healthz");
  const char* const both[] = {"DOCUMENT_URI=/api/user", "SCRIPT_NAME=/index", nullptr};
  EXPECT_EQ(ReadParams(both).request.path, "/api/user");
}

TEST(RequestParams, BringsAHostHeaderIntoTheFormOfNginxsHost) {
  EXPECT_EQ(NormalizeHost("Login.Example.COM"), "login.example.com");
  EXPECT_EQ(NormalizeHost("localhost:8080"), "localhost");
  EXPECT_EQ(NormalizeHost("[::1]:8080"), "[::1]");
  EXPECT_EQ(NormalizeHost("[2001:DB8::1]"), "[2001:db8::1]");
  EXPECT_EQ(NormalizeHost(""), "");
  EXPECT_TRUE(IsNormalizedHost("login.example.com"));
  EXPECT_FALSE(IsNormalizedHost("Login.example.com"));
  EXPECT_FALSE(IsNormalizedHost("localhost:8080"));
}

TEST(RequestParams, ReadsAContentLengthOrRefusesIt) {
  EXPECT_EQ(ParseContentLength(""), 0U);
  EXPECT_EQ(ParseContentLength("0"), 0U);
  EXPECT_EQ(ParseContentLength("16384"), 16384U);
  EXPECT_EQ(ParseContentLength("99999999999999999999999"),
            std::numeric_limits<std::uint64_t>::max());
  for (const char* wrong : {"-1", "+1", " 1", "1 ", "1x", "0x10", "1,2"}) {
    EXPECT_EQ(ParseContentLength(wrong), std::nullopt) << wrong;
  }
}

TEST(RequestParams, ReadsNginxsMsecOrRefusesIt) {
  EXPECT_EQ(ParseRequestTime("1763999999.123"), base::FromUnixMillis(1763999999123));
  EXPECT_EQ(ParseRequestTime("0.000"), base::FromUnixMillis(0));
  for (const char* wrong : {"", "1763999999", "1763999999.12", "1763999999.1234", ".123",
                            "1763999999,123", "-1.000", "9999999999999.000", "1e9.000", "12.-12"}) {
    EXPECT_EQ(ParseRequestTime(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace worker
