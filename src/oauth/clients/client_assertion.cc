#include "oauth/clients/client_assertion.h"

#include "base/bytes.h"
#include "domain/guess_budget.h"
#include "domain/issuer.h"

namespace oauth {

namespace {

constexpr base::seconds kLeeway{60};    // of clocks (docs/api.md)
constexpr base::seconds kLongest{300};  // a jti must be remembered as long as its assertion lives
constexpr base::seconds kLongestRemembered = kLongest + 2 * kLeeway;
// An eighth of what there is room for (shm/shared_table.cc), whatever clients it has.
constexpr std::int64_t kRememberedOfAnOrganization = 16384;
constexpr std::size_t kMaxJtiBytes = 256;

domain::Error Failed(std::string description) {
  return {.code = domain::ErrorCode::kClientAuthenticationFailed,
          .description = std::move(description)};
}

std::optional<domain::Error> CheckTimes(const domain::AssertionClaims& claims, base::Time now) {
  if (!claims.exp) return Failed("The client assertion has no exp.");
  if (*claims.exp <= now - kLeeway) return Failed("The client assertion is over.");
  if (*claims.exp > now + kLongest + kLeeway) {
    return Failed("The client assertion lives longer than five minutes.");
  }
  if ((claims.nbf && *claims.nbf > now + kLeeway) || (claims.iat && *claims.iat > now + kLeeway)) {
    return Failed("The client assertion is not good yet: compare the clocks.");
  }
  return std::nullopt;
}

std::optional<domain::Error> CheckClaims(const domain::AssertionClaims& claims,
                                         const records::ClientRow& client,
                                         const domain::Ports& ports) {
  if (claims.iss != client.client_id || claims.sub != client.client_id) {
    return Failed("iss and sub of the client assertion must be the client_id.");
  }
  if (claims.aud != std::vector{domain::IssuerUrl(client.issuer, ports.settings)}) {
    return Failed("aud of the client assertion must be the issuer alone.");
  }
  if (claims.jti.empty() || claims.jti.size() > kMaxJtiBytes) {
    return Failed("The client assertion has no jti, or one longer than 256 bytes.");
  }
  return CheckTimes(claims, ports.clock.Now());
}

// What a client, and its organization with all its clients, may have remembered: the table is
// everybody's. Only who holds the client's key takes from it.
domain::Spent TakeShare(const records::ClientRow& client, const domain::Ports& ports) {
  const domain::KeyBudget of_client(domain::ClientKey(domain::LimitPurpose::kAssertion, client.id),
                                    ports.settings.assertions_per_client, base::seconds(60));
  if (const domain::Spent spent = of_client.Take(ports)) return spent;
  return domain::KeyBudget(
             domain::OrganizationKey(domain::LimitPurpose::kAssertion, client.organization_id),
             kRememberedOfAnOrganization, kLongestRemembered)
      .Take(ports);
}

// nginx sends a request again where a child died with it: that is no replay.
domain::Answer<bool> TakeJti(const domain::AssertionClaims& claims,
                             const records::ClientRow& client, records::RecordId request_id,
                             const domain::Ports& ports) {
  if (const domain::Spent spent = TakeShare(client, ports)) {
    ports.Note(domain::Event::kAssertionsLimited);
    return domain::TooMany("This client authenticates too often.", *spent);
  }
  const auto window = std::chrono::ceil<base::seconds>(*claims.exp + kLeeway - ports.clock.Now());
  std::string text(base::AsText(client.id.bytes));
  switch (
      ports.used_jtis.Take(text.append(claims.jti), request_id, window, ports.clock.SinceBoot())) {
    case domain::UsedTexts::Use::kFirst:
    case domain::UsedTexts::Use::kRepeated:
      return true;
    case domain::UsedTexts::Use::kUsed:
      return AssertionUsed();
    case domain::UsedTexts::Use::kNoRoom:
      break;
  }
  return domain::ErrorOf(base::Code::kUnavailable);
}

}  // namespace

domain::Answer<std::string> ClientIdOfAssertion(const ClientCredentials& credentials,
                                                const domain::Ports& ports) {
  auto claims = ports.assertions.Read(credentials.client_assertion);
  if (!claims.ok()) return Failed("client_assertion is not a JWT.");
  if (!credentials.client_id.empty() && credentials.client_id != claims->sub) {
    return Failed("sub of the client assertion must be the client_id.");
  }
  return std::move(claims->sub);
}

domain::Answer<records::UsedAssertion> CheckAssertion(const ClientCredentials& credentials,
                                                      const records::ClientRow& client,
                                                      const domain::Ports& ports) {
  const auto claims = ports.assertions.Read(credentials.client_assertion);
  if (!claims.ok()) return Failed("client_assertion is not a JWT.");
  // Before the signature, which is the dearest of it.
  if (auto error = CheckClaims(*claims, client, ports)) return *error;
  if (client.jwks.empty() || !ports.assertions.Verify(credentials.client_assertion, client.jwks)) {
    return Failed("No key of this client made that signature.");
  }
  const auto taken = TakeJti(*claims, client, credentials.request_id, ports);
  if (!taken.ok()) return taken.error();
  return records::UsedAssertion{.client_row_id = client.id,
                                .jti_hash = ports.hashes.Sha256(base::AsBytes(claims->jti)),
                                .expires_at = *claims->exp + kLeeway};
}

domain::Error AssertionUsed() { return Failed("The client assertion was used before."); }

}  // namespace oauth
