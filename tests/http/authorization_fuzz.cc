// The Authorization header beside a body: one way to name a client, or a refusal.
#include <cctype>
#include <functional>

#include "base/text.h"
#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "fuzz/grammar.h"
#include "http/authorization.h"

namespace fuzz {

namespace {

using Method = oauth::ClientCredentials::Method;

const std::vector<std::string_view> kNames{"client_id", "client_secret", "client_assertion",
                                           "client_assertion_type"};

}  // namespace

// The header, and behind a line end the form.
std::string Grow(Random& random) {
  std::string form = random.OneIn(2) ? Form(random, kNames) : "client_id=acme-daemon";
  if (random.OneIn(4)) {
    form +=
        "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
        "&client_assertion=" +
        Jwt(random);
  }
  return Authorization(random) + "\n" + form;
}

void FuzzOne(std::string_view bytes) {
  const std::string_view header = bytes.substr(0, bytes.find('\n'));
  const std::string_view body = bytes.substr(std::min(header.size() + 1, bytes.size()));
  const std::string_view token = http::BearerToken(header);
  if (!token.empty()) {
    Require(header.ends_with(token), "a token is the end of its header");
    Require(base::AsciiLower(header).starts_with("bearer "), "and stands behind its scheme");
  }
  const auto params = http::ParseForm(body);
  if (!params.ok()) return;
  const auto read = http::ReadClientCredentials(header, *params);
  if (!read.ok()) {
    Require(!read.error().description.empty(), "a refusal has a reason");
    return;
  }
  Require(base::IsUtf8(read->client_id) && base::IsUtf8(read->client_secret), "all of it is UTF-8");
  Require(read->client_assertion.empty() || read->client_secret.empty(), "there is one method");
  Require((read->method == Method::kPrivateKeyJwt) == !read->client_assertion.empty(),
          "an assertion is one method");
  Require(read->method != Method::kPost || !read->client_secret.empty(), "a secret is another");
  const std::string_view in_body = params->Get("client_id");
  Require(in_body.empty() || in_body == read->client_id, "a client has one name");
}

}  // namespace fuzz
