#include "http/authorization.h"

#include "base/bytes.h"

namespace http {

namespace {

using oauth::ClientCredentials;
using oauth::Error;
using oauth::ErrorCode;

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

oauth::Answer<ClientCredentials> DecodeBasic(std::string_view encoded) {
  const auto pair = base::Base64Decode(encoded);
  if (!pair) return BadBasic();
  const std::size_t colon = pair->find(':');
  if (colon == std::string::npos) return BadBasic();
  auto client_id = DecodeFormValue(std::string_view(*pair).substr(0, colon));
  auto client_secret = DecodeFormValue(std::string_view(*pair).substr(colon + 1));
  if (!client_id.ok() || !client_secret.ok()) return BadBasic();
  return ClientCredentials{.method = ClientCredentials::Method::kBasic,
                           .client_id = std::move(*client_id),
                           .client_secret = std::move(*client_secret)};
}

Error TwoMethods() {
  return {.code = ErrorCode::kInvalidRequest,
          .description = "Authenticate the client by one method, not by two."};
}

}  // namespace

std::string_view BearerToken(std::string_view authorization) {
  return AfterScheme(authorization, "Bearer");
}

oauth::Answer<ClientCredentials> ReadClientCredentials(std::string_view authorization,
                                                       const Params& params) {
  const std::string_view client_id = params.Get("client_id");
  const std::string_view client_secret = params.Get("client_secret");
  const std::string_view basic = AfterScheme(authorization, "Basic");
  if (basic.empty()) {
    return ClientCredentials{.method = client_secret.empty() ? ClientCredentials::Method::kNone
                                                             : ClientCredentials::Method::kPost,
                             .client_id = std::string(client_id),
                             .client_secret = std::string(client_secret)};
  }
  auto credentials = DecodeBasic(basic);
  if (!credentials.ok()) return credentials;
  if (!client_secret.empty()) return TwoMethods();
  if (!client_id.empty() && client_id != credentials->client_id) return TwoMethods();
  return credentials;
}

}  // namespace http
