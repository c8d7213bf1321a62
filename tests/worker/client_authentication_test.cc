// docs/api.md "Clients": every kind of client with every way to authenticate, at every address that takes
// clients, as HTTP requests through Dispatch with fakes behind the domain.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "accounts/fakes.h"
#include "base/bytes.h"
#include "base/log.h"
#include "worker/routes.h"

namespace worker {
namespace {

std::string Basic(std::string_view pair) {
  std::string base64 = base::Base64UrlEncode(base::AsBytes(pair));
  while (base64.size() % 4 != 0) base64.push_back('=');
  return "Basic " + base64;  // no test has bytes that the two alphabets write differently
}

constexpr std::string_view kAssertion =
    "&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    "&client_assertion=e30.e30.c2ln";

struct Case {
  std::string what;
  std::string authorization;
  std::string body;
  int status;  // 200: the client is who it says
  std::string error;
};

// acme-cli is public, acme-daemon has the secret "s3cret", acme-sync has keys (oauth/world.h).
std::vector<Case> Cases() {
  return {
      {"public, none", "", "client_id=acme-cli", 200, ""},
      {"public, Basic with an empty password", Basic("acme-cli:"), "", 200, ""},
      {"the same and client_id", Basic("acme-cli:"), "client_id=acme-cli", 200, ""},
      {"public, Basic with a password", Basic("acme-cli:x"), "", 401, "invalid_client"},
      {"public, post", "", "client_id=acme-cli&client_secret=x", 401, "invalid_client"},
      {"public, empty post", "", "client_id=acme-cli&client_secret=", 200, ""},
      {"public, two", Basic("acme-cli:"), "client_secret=x", 400, "invalid_request"},

      {"confidential, none", "", "client_id=acme-daemon", 401, "invalid_client"},
      {"confidential, Basic", Basic("acme-daemon:s3cret"), "", 200, ""},
      {"the same in another case", "bASIC" + Basic("acme-daemon:s3cret").substr(5), "", 200, ""},
      {"form-encoded halves", Basic("acme%2Ddaemon:s3c%72et"), "", 200, ""},
      {"an empty password", Basic("acme-daemon:"), "", 401, "invalid_client"},
      {"a wrong password", Basic("acme-daemon:S3cret"), "", 401, "invalid_client"},
      {"more than the password", Basic("acme-daemon:s3cret:"), "", 401, "invalid_client"},
      {"confidential, post", "", "client_id=acme-daemon&client_secret=s3cret", 200, ""},
      {"wrong post", "", "client_id=acme-daemon&client_secret=wrong", 401, "invalid_client"},
      {"empty post", "", "client_id=acme-daemon&client_secret=", 401, "invalid_client"},
      {"Basic and post", Basic("acme-daemon:s3cret"), "client_secret=s3cret", 400,
       "invalid_request"},
      {"Basic of another client", Basic("acme-daemon:s3cret"), "client_id=acme-cli", 400,
       "invalid_request"},
      {"Basic and assertion", Basic("acme-daemon:s3cret"), std::string(kAssertion), 400,
       "invalid_request"},
      {"post and assertion", "", "client_secret=s3cret" + std::string(kAssertion), 400,
       "invalid_request"},

      {"with keys, none", "", "client_id=acme-sync", 401, "invalid_client"},
      {"with keys, empty Basic", Basic("acme-sync:"), "", 401, "invalid_client"},
      {"with keys, post", "", "client_id=acme-sync&client_secret=x", 401, "invalid_client"},
      {"an assertion of nobody", "", std::string(kAssertion), 401, "invalid_client"},

      {"unknown, none", "", "client_id=nobody", 400, "invalid_client"},
      {"unknown, Basic", Basic("nobody:x"), "", 401, "invalid_client"},
      {"unknown, empty Basic", Basic("nobody:"), "", 401, "invalid_client"},
      {"unknown, post", "", "client_id=nobody&client_secret=x", 401, "invalid_client"},
      {"no client at all", "", "", 400, "invalid_request"},

      {"Basic of no Base64", "Basic !!!", "", 401, "invalid_client"},
      {"Basic without a colon", Basic("acme-daemon"), "", 401, "invalid_client"},
      {"another scheme", "Bearer " + Basic("acme-daemon:s3cret").substr(6), "client_id=acme-daemon",
       401, "invalid_client"},
  };
}

class ClientAuthentication : public testing::TestWithParam<std::string> {
 protected:
  http::Outcome Send(const Case& tried) {
    http::Request request;
    request.method = "POST";
    request.path = path_ = GetParam();
    request.content_type = "application/x-www-form-urlencoded";
    body_ = tried.body;
    if (path_.ends_with("token")) {
      body_ +=
          "&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=none";
    }
    request.body = body_;
    request.authorization = tried.authorization;
    request.remote_address = "192.0.2.1";
    request.request_id_text = "feedfacefeedfacefeedfacefeedface";
    request.received_at = world_.clock.Now();
    return Dispatch(request, app_);
  }

  // Past the client, the request waits for its device code, or its device_code is unknown.
  static bool IsAuthenticated(const http::Outcome& outcome) {
    if (testing_oauth::Awaited<records::CreateDeviceCode>(outcome) != nullptr) return true;
    const auto* response = std::get_if<http::Response>(&outcome);
    return response != nullptr && Says(*response, "invalid_grant");
  }
  static bool Says(const http::Response& response, const std::string& error) {
    return response.body.find("\"error\":\"" + error + "\"") != std::string::npos;
  }
  static std::string ChallengeOf(const http::Response& response) {
    for (const auto& [name, value] : response.headers) {
      if (name == "WWW-Authenticate") return value;
    }
    return {};
  }

  testing_oauth::World world_;
  testing_accounts::FakeHasher hasher_;
  base::Log log_{"test", base::Severity::kFatal};
  App app_{.ports = world_.ports, .password_hasher = hasher_, .log = log_};
  std::string path_, body_;
};

TEST_P(ClientAuthentication, IsAnsweredAsTheContractSays) {
  for (const Case& tried : Cases()) {
    const http::Outcome outcome = Send(tried);
    if (tried.status == 200) {
      EXPECT_TRUE(IsAuthenticated(outcome)) << tried.what;
      continue;
    }
    const auto* response = std::get_if<http::Response>(&outcome);
    ASSERT_NE(response, nullptr) << tried.what;
    EXPECT_EQ(response->status, tried.status) << tried.what;
    EXPECT_TRUE(Says(*response, tried.error)) << tried.what << ": " << response->body;
    // RFC 6749 §5.2: a 401 names the scheme, above all to whom used the header; a 400 does not.
    EXPECT_EQ(ChallengeOf(*response), tried.status == 401 ? "Basic realm=\"latchkey\"" : "")
        << tried.what;
  }
}

INSTANTIATE_TEST_SUITE_P(AtEachAddress, ClientAuthentication,
                         testing::Values("/oauth/device_authorization", "/auth/device/code",
                                         "/oauth/token", "/auth/token"),
                         [](const auto& tested) {
                           std::string name = tested.param.substr(1);
                           for (char& c : name) {
                             if (c == '/') c = '_';
                           }
                           return name;
                         });

}  // namespace
}  // namespace worker
