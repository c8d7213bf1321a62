#include <array>
#include <string>

#include "base/bytes.h"
#include "seed/population.h"

namespace seed {

namespace {

constexpr std::size_t kSignatureBytes = 64;  // ES256: R || S
constexpr std::string_view kHeader =
    R"({"alg":"ES256","kid":"c2VlZC1uby1yZWFsLWtleS1zZWVkLW5vLXJlYWwta2U","typ":"at+jwt"})";

std::string Text(std::string_view name, std::string_view value) {
  std::string member = ",\"";
  member.append(name).append("\":\"").append(value).append("\"");
  return member;
}

std::string Seconds(std::string_view name, base::Time value) {
  std::string member = ",\"";
  member.append(name).append("\":").append(std::to_string(base::ToUnixSeconds(value)));
  return member;
}

}  // namespace

// Shape and size of a real access token (RFC 9068). The signature is random: the server's own
// endpoints know a token by its row.
std::string Population::TokenText(const Grant& grant, records::AccessTokenId id) {
  const Organization& organization = organizations_[grant.organization];
  const std::string payload =
      "{\"jti\":\"" + base::Base64UrlEncode(id.bytes) + "\"" + Text("iss", plan_.issuer) +
      ",\"aud\":[\"" + plan_.issuer + "\",\"" + organization.slug + "/cli\"]" +
      Text("sub", base::ToText(grant.user_id)) + Text("client_id", organization.client_id) +
      Text("scope", kScope) + Text("email", grant.email) + Text("org", organization.slug) +
      Text("service", "cli") + Text("plan", "pro") +
      R"(,"features":["sync","export","support"],"amr":["pwd"])" + Seconds("auth_time", now_) +
      Seconds("iat", now_) + Seconds("exp", now_ + base::seconds(7 * 86400)) + "}";
  std::array<std::uint8_t, kSignatureBytes> signature{};
  random_.Fill(signature);
  return base::Base64UrlEncode(base::AsBytes(kHeader)) + "." +
         base::Base64UrlEncode(base::AsBytes(payload)) + "." + base::Base64UrlEncode(signature);
}

}  // namespace seed
