#include "ctl/login/device_login.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace ctl {
namespace {

using base::Code;
using base::seconds;
using base::Status;

// Answers what was queued for it; remembers what was asked.
class FakeHttp final : public HttpClient {
 public:
  base::Result<HttpReply> Get(const std::string& url, std::string_view bearer) override {
    asked.push_back(url);
    last_bearer = bearer;
    return Next();
  }
  base::Result<HttpReply> PostForm(const std::string& url, const FormFields& fields) override {
    asked.push_back(url);
    last_fields = fields;
    return Next();
  }
  void Answer(int status, std::string body, std::optional<seconds> retry_after = {}) {
    answers.push_back(
        HttpReply{.status = status, .body = std::move(body), .retry_after = retry_after});
  }
  void Break() { answers.push_back(Status(Code::kUnavailable, "connection refused")); }

  std::deque<base::Result<HttpReply>> answers;
  std::vector<std::string> asked;
  FormFields last_fields;
  std::string last_bearer;

 private:
  base::Result<HttpReply> Next() {
    if (answers.empty()) return Status(Code::kUnavailable, "nobody there");
    auto answer = std::move(answers.front());
    answers.pop_front();
    return answer;
  }
};

// Time passes only by waiting.
class FakeTime final : public Waiter, public base::Clock {
 public:
  void Wait(seconds duration) override {
    waits.push_back(duration);
    now += duration;
  }
  base::Time Now() const override { return base::Time(now); }
  base::milliseconds SinceBoot() const override { return now; }

  std::vector<seconds> waits;
  base::milliseconds now{1000};
};

class DeviceLoginTest : public testing::Test {
 protected:
  base::Result<Tokens> Poll() { return login.Poll(endpoints, client, authorization); }
  void Error(const std::string& error, std::optional<seconds> retry_after = {}) {
    http.Answer(400, R"({"error": ")" + error + R"(", "error_description": "said the server"})",
                retry_after);
  }
  void Success() {
    http.Answer(200, R"({"access_token": "jwt", "token_type": "Bearer", "expires_in": 3600})");
  }

  FakeHttp http;
  FakeTime time;
  DeviceLogin login{http, time, time};
  Endpoints endpoints{"http://a/oauth/device_authorization", "http://a/oauth/token"};
  LoginClient client{.client_id = "acme-cli", .org = "", .service = "", .scope = ""};
  DeviceAuthorization authorization{.device_code = "dc",
                                    .user_code = "ABCD-EFGH",
                                    .verification_uri = "http://a/activate",
                                    .verification_uri_complete = "",
                                    .expires_in = seconds(60),
                                    .interval = seconds(5)};
};

TEST_F(DeviceLoginTest, PollsAtTheIntervalUntilThereAreTokens) {
  Error("authorization_pending");
  Error("authorization_pending");
  Success();
  const auto tokens = Poll();
  ASSERT_TRUE(tokens.ok());
  EXPECT_EQ(tokens->access_token, "jwt");
  EXPECT_EQ(time.waits, (std::vector<seconds>{seconds(5), seconds(5), seconds(5)}));
  EXPECT_EQ(http.last_fields,
            (FormFields{{"grant_type", "urn:ietf:params:oauth:grant-type:device_code"},
                        {"device_code", "dc"},
                        {"client_id", "acme-cli"}}));
}

TEST_F(DeviceLoginTest, SlowDownAddsFiveSecondsForAllLaterPolls) {
  Error("slow_down");
  Error("authorization_pending");
  Success();
  ASSERT_TRUE(Poll().ok());
  EXPECT_EQ(time.waits, (std::vector<seconds>{seconds(5), seconds(10), seconds(10)}));
}

TEST_F(DeviceLoginTest, TakesTheServersIntervalAndRetryAfter) {
  http.Answer(400, R"({"error": "slow_down", "interval": 20})");
  Error("authorization_pending", seconds(30));
  Error("authorization_pending");
  Success();
  authorization.expires_in = seconds(600);
  ASSERT_TRUE(Poll().ok());
  EXPECT_EQ(time.waits, (std::vector<seconds>{seconds(5), seconds(20), seconds(30), seconds(20)}));
}

TEST_F(DeviceLoginTest, BacksOffWhileNobodyAnswersAndComesBack) {
  http.Break();
  http.Break();
  http.Answer(503, "<html>busy</html>", seconds(25));
  Error("authorization_pending");
  Success();
  authorization.expires_in = seconds(600);
  ASSERT_TRUE(Poll().ok());
  EXPECT_EQ(time.waits,
            (std::vector<seconds>{seconds(5), seconds(10), seconds(20), seconds(40), seconds(5)}));
}

TEST_F(DeviceLoginTest, SaysWhyItIsOver) {
  const std::vector<std::pair<std::string, Code>> cases{{"access_denied", Code::kDenied},
                                                        {"expired_token", Code::kExpired},
                                                        {"invalid_grant", Code::kConflict},
                                                        {"unauthorized_client", Code::kInvalid},
                                                        {"invalid_client", Code::kNotFound}};
  for (const auto& [error, code] : cases) {
    Error(error);
    EXPECT_EQ(Poll().status().code(), code) << error;
  }
}

TEST_F(DeviceLoginTest, GivesUpWhenTheCodeHasRunOut) {
  for (int i = 0; i < 100; ++i) Error("authorization_pending");
  EXPECT_EQ(Poll().status().code(), Code::kExpired);
  EXPECT_EQ(time.waits.size(), 12u);
}

TEST_F(DeviceLoginTest, NamesASilentServerWhenTimeIsUp) {
  EXPECT_EQ(Poll().status().code(), Code::kUnavailable);
  EXPECT_EQ(Poll().status().message(), "nobody there");
}

TEST_F(DeviceLoginTest, RefusesTokensWithoutAToken) {
  http.Answer(200, "{}");
  EXPECT_EQ(Poll().status().code(), Code::kCorrupt);
}

TEST_F(DeviceLoginTest, StartSendsOnlyWhatWasGiven) {
  const std::string answer =
      R"({"device_code": "d", "user_code": "u", "verification_uri": "v", "expires_in": 900})";
  http.Answer(200, answer);
  const auto started = login.Start(endpoints, client);
  ASSERT_TRUE(started.ok());
  EXPECT_EQ(started->interval, seconds(5));  // RFC 8628 §3.2: absent means 5
  EXPECT_EQ(http.last_fields, (FormFields{{"client_id", "acme-cli"}}));
  http.Answer(200, answer);
  client.org = "acme";
  client.scope = "openid";
  ASSERT_TRUE(login.Start(endpoints, client).ok());
  EXPECT_EQ(http.last_fields,
            (FormFields{{"client_id", "acme-cli"}, {"org", "acme"}, {"scope", "openid"}}));
}

TEST_F(DeviceLoginTest, StartRefusesAnAnswerThatLacksAMember) {
  http.Answer(200, R"({"device_code": "d", "user_code": "u", "verification_uri": "v"})");
  EXPECT_EQ(login.Start(endpoints, client).status().code(), Code::kCorrupt);
}

TEST_F(DeviceLoginTest, ErrorsCarryTheServersWordsMadeSafe) {
  http.Answer(400, R"({"error": "invalid_client", "error_description": "no\u001b[2J client"})");
  const Status status = login.Start(endpoints, client).status();
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_EQ(status.message(), "the server says: no\uFFFD[2J client");
}

TEST_F(DeviceLoginTest, DiscoverReadsTheMetadata) {
  http.Answer(
      200,
      R"({"issuer": "http://a", "device_authorization_endpoint": "http://a/d", "token_endpoint": "http://a/t"})");
  const auto found = login.Discover("http://a");
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->device_authorization_endpoint, "http://a/d");
  EXPECT_EQ(http.asked.back(), "http://a/.well-known/oauth-authorization-server");
}

TEST_F(DeviceLoginTest, DiscoverRefusesOtherServersAndOtherIssuers) {
  http.Answer(404, "not found");
  EXPECT_EQ(login.Discover("http://a").status().code(), Code::kNotFound);
  http.Answer(
      200,
      R"({"issuer": "http://b", "device_authorization_endpoint": "http://b/d", "token_endpoint": "http://b/t"})");
  EXPECT_EQ(login.Discover("http://a").status().code(), Code::kConflict);
  http.Answer(502, "bad gateway");
  EXPECT_EQ(login.Discover("http://a").status().code(), Code::kUnavailable);
}

TEST_F(DeviceLoginTest, GetJsonSendsTheTokenAsBearer) {
  http.Answer(200, R"({"email": "a@b.c"})");
  const auto user = login.GetJson("http://a/api/user", "jwt");
  ASSERT_TRUE(user.ok());
  EXPECT_EQ(user->Text("email"), "a@b.c");
  EXPECT_EQ(http.last_bearer, "jwt");
  http.Answer(401, R"({"error": "invalid_token"})");
  EXPECT_EQ(login.GetJson("http://a/api/user", "jwt").status().code(), Code::kDenied);
}

}  // namespace
}  // namespace ctl
