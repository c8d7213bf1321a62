#include "oauth/clients/client_authentication.h"

#include "oauth/clients/client_assertion.h"

namespace oauth {

namespace {

using Method = ClientCredentials::Method;

domain::Error UnknownClient(Method method) {
  return {.code = method == Method::kNone ? domain::ErrorCode::kInvalidClient
                                          : domain::ErrorCode::kClientAuthenticationFailed,
          .description = "Unknown client, or its credentials are wrong."};
}

bool SecretHolds(const records::ClientRow& client, const ClientCredentials& credentials,
                 const domain::Hashes& hashes) {
  if (client.type == records::ClientType::kPublic) return credentials.client_secret.empty();
  if (!client.secret_hash || credentials.method == Method::kNone) return false;
  const records::Sha256 hash = hashes.Sha256(base::AsBytes(credentials.client_secret));
  return hashes.Equal(hash, *client.secret_hash);
}

// The assertion that proved it, if that was the way.
using Proof = std::optional<records::UsedAssertion>;

domain::Answer<Proof> CheckCredentials(const ClientCredentials& credentials,
                                       const records::ClientRow& client,
                                       const domain::Ports& ports) {
  if (credentials.method == Method::kPrivateKeyJwt) {
    auto assertion = CheckAssertion(credentials, client, ports);
    if (!assertion.ok()) return assertion.error();
    return Proof(*assertion);
  }
  if (SecretHolds(client, credentials, ports.hashes)) return Proof();
  // A confidential client that sent nothing did not try, but is told by 401 how it must (§5.2).
  return UnknownClient(Method::kPost);
}

domain::Answer<std::string> ClientIdOf(const ClientCredentials& credentials,
                                       const domain::Ports& ports) {
  if (credentials.method == Method::kPrivateKeyJwt) return ClientIdOfAssertion(credentials, ports);
  if (!credentials.client_id.empty()) return credentials.client_id;
  return domain::Error{.code = domain::ErrorCode::kInvalidRequest,
                       .description = "client_id is missing."};
}

domain::Error UnauthorizedClient(std::string description) {
  return {.code = domain::ErrorCode::kUnauthorizedClient, .description = std::move(description)};
}

}  // namespace

domain::Answer<Client> AuthenticateClient(const ClientCredentials& credentials,
                                          const domain::Ports& ports) {
  const auto client_id = ClientIdOf(credentials, ports);
  if (!client_id.ok()) return client_id.error();
  const auto row = ports.directory.FindClient(*client_id);
  if (!row.ok()) {
    if (row.error().code() == base::Code::kNotFound) return UnknownClient(credentials.method);
    return domain::ErrorOf(row.error().code());
  }
  if ((*row)->issuer != credentials.issuer) return UnknownClient(credentials.method);
  const auto proven = CheckCredentials(credentials, **row, ports);
  if (!proven.ok()) return proven.error();
  if ((*row)->disabled) return UnauthorizedClient("This client is disabled.");
  const auto organization = ports.directory.FindOrganization((*row)->organization_id);
  if (!organization.ok()) return domain::ErrorOf(organization.error().code());
  if ((*organization)->status != records::OrganizationStatus::kActive) {
    return UnauthorizedClient("The organization of this client is not active.");
  }
  const auto service = ports.directory.FindService((*row)->organization_id, (*row)->service_id);
  if (!service.ok()) return domain::ErrorOf(service.error().code());
  return Client{
      .row = *row, .organization = *organization, .service = *service, .assertion = *proven};
}

}  // namespace oauth
