#include "http/authorization.h"

#include "base/bytes.h"

namespace http {

namespace {

using domain::Error;
using domain::ErrorCode;
using oauth::ClientCredentials;
using Method = ClientCredentials::Method;

constexpr std::string_view kJwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

bool SameIgnoringCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if ((a[i] | 0x20) != (b[i] | 0x20)) return false;
  }
  return true;
}

// What follows the scheme, without leading blanks; "" for another scheme.
std::string_view AfterScheme(std::string_view authorization, std::string_view scheme) {
  const std::size_t blank = authorization.find(' ');
  if (blank == std::string_view::npos ||
      !SameIgnoringCase(authorization.substr(0, blank), scheme)) {
    return {};
  }
  const std::size_t start = authorization.find_first_not_of(' ', blank);
  return start == std::string_view::npos ? std::string_view() : authorization.substr(start);
}

Error BadBasic() {
  return {.code = ErrorCode::kClientAuthenticationFailed,
          .description = "The Basic credentials cannot be decoded."};
}

domain::Answer<ClientCredentials> DecodeBasic(std::string_view encoded) {
  const auto pair = base::Base64Decode(encoded);
  if (!pair) return BadBasic();
  const std::size_t colon = pair->find(':');
  if (colon == std::string::npos) return BadBasic();
  auto client_id = DecodeFormValue(std::string_view(*pair).substr(0, colon));
  auto client_secret = DecodeFormValue(std::string_view(*pair).substr(colon + 1));
  if (!client_id.ok() || !client_secret.ok()) return BadBasic();
  ClientCredentials credentials;
  credentials.method = Method::kBasic;
  credentials.client_id = std::move(*client_id);
  credentials.client_secret = std::move(*client_secret);
  return credentials;
}

Error TwoMethods() {
  return {.code = ErrorCode::kInvalidRequest,
          .description = "Authenticate the client by one method, not by two."};
}

// What stands in the body alone.
domain::Answer<ClientCredentials> OfBody(const Params& params) {
  ClientCredentials credentials;
  credentials.client_id = params.Get("client_id");
  credentials.client_secret = params.Get("client_secret");
  credentials.client_assertion = params.Get("client_assertion");
  if (!credentials.client_assertion.empty()) {
    if (params.Get("client_assertion_type") != kJwtBearer) {
      return Error{.code = ErrorCode::kInvalidRequest,
                   .description = "client_assertion_type must be " + std::string(kJwtBearer) + "."};
    }
    if (!credentials.client_secret.empty()) return TwoMethods();
    credentials.method = Method::kPrivateKeyJwt;
  } else if (!credentials.client_secret.empty()) {
    credentials.method = Method::kPost;
  }
  return credentials;
}

}  // namespace

std::string_view BearerToken(std::string_view authorization) {
  return AfterScheme(authorization, "Bearer");
}

domain::Answer<ClientCredentials> ReadClientCredentials(std::string_view authorization,
                                                        const Params& params) {
  auto body = OfBody(params);
  const std::string_view basic = AfterScheme(authorization, "Basic");
  if (!body.ok() || basic.empty()) return body;
  if (body->method != Method::kNone) return TwoMethods();
  auto credentials = DecodeBasic(basic);
  if (!credentials.ok()) return credentials;
  if (!body->client_id.empty() && body->client_id != credentials->client_id) return TwoMethods();
  return credentials;
}

}  // namespace http
