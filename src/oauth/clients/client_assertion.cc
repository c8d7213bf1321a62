#include "oauth/clients/client_assertion.h"

#include "base/bytes.h"
#include "oauth/issuer.h"
#include "oauth/limit_keys.h"

namespace oauth {

namespace {

constexpr base::seconds kLeeway{60};     // of clocks (docs/api.md)
constexpr base::seconds kLongest{3600};  // a jti must be remembered as long as its assertion lives
constexpr std::size_t kMaxJtiBytes = 256;

Error Failed(std::string description) {
  return {.code = ErrorCode::kClientAuthenticationFailed, .description = std::move(description)};
}

std::optional<Error> CheckTimes(const AssertionClaims& claims, base::Time now) {
  if (!claims.exp) return Failed("The client assertion has no exp.");
  if (*claims.exp <= now - kLeeway) return Failed("The client assertion is over.");
  if (*claims.exp > now + kLongest + kLeeway) {
    return Failed("The client assertion lives longer than an hour.");
  }
  if ((claims.nbf && *claims.nbf > now + kLeeway) || (claims.iat && *claims.iat > now + kLeeway)) {
    return Failed("The client assertion is not good yet: compare the clocks.");
  }
  return std::nullopt;
}

std::optional<Error> CheckClaims(const AssertionClaims& claims, const records::ClientRow& client,
                                 const Ports& ports) {
  if (claims.iss != client.client_id || claims.sub != client.client_id) {
    return Failed("iss and sub of the client assertion must be the client_id.");
  }
  if (claims.aud != std::vector{IssuerUrl(client.issuer, ports.settings)}) {
    return Failed("aud of the client assertion must be the issuer alone.");
  }
  if (claims.jti.empty() || claims.jti.size() > kMaxJtiBytes) {
    return Failed("The client assertion has no jti, or one longer than 256 bytes.");
  }
  return CheckTimes(claims, ports.clock.Now());
}

// nginx sends a request again where a child died with it. The mark of the request tells that from a
// replay; only the request that took the jti gets one, or a replay that is sent again would pass.
Answer<bool> TakeJti(const AssertionClaims& claims, const records::ClientRow& client,
                     records::RecordId request_id, const Ports& ports) {
  const std::uint64_t jti_key = ClientTextKey(LimitPurpose::kJti, client.id, claims.jti);
  const std::uint64_t request_key =
      ClientTextKey(LimitPurpose::kJti, client.id, base::ToText(request_id) + ' ' + claims.jti);
  const base::milliseconds now = ports.clock.SinceBoot();
  const auto window = std::chrono::ceil<base::seconds>(*claims.exp + kLeeway - ports.clock.Now());
  if (ports.used_jtis.Count(jti_key, now) == RateLimits::kNoRoom) {
    return ErrorOf(base::Code::kUnavailable);
  }
  if (ports.used_jtis.Take(jti_key, 1, window, now)) {
    ports.used_jtis.Take(request_key, 1, window, now);
    return true;
  }
  if (ports.used_jtis.Count(request_key, now) == 1) return true;
  return Failed("The client assertion was used before.");
}

}  // namespace

Answer<std::string> ClientIdOfAssertion(const ClientCredentials& credentials, const Ports& ports) {
  auto claims = ports.assertions.Read(credentials.client_assertion);
  if (!claims.ok()) return Failed("client_assertion is not a JWT.");
  if (!credentials.client_id.empty() && credentials.client_id != claims->sub) {
    return Failed("sub of the client assertion must be the client_id.");
  }
  return std::move(claims->sub);
}

Answer<bool> CheckAssertion(const ClientCredentials& credentials, const records::ClientRow& client,
                            const Ports& ports) {
  const auto claims = ports.assertions.Read(credentials.client_assertion);
  if (!claims.ok()) return Failed("client_assertion is not a JWT.");
  if (client.jwks.empty() || !ports.assertions.Verify(credentials.client_assertion, client.jwks)) {
    return Failed("No key of this client made that signature.");
  }
  if (auto error = CheckClaims(*claims, client, ports)) return *error;
  return TakeJti(*claims, client, credentials.request_id, ports);
}

}  // namespace oauth
