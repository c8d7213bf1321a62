#include "oauth/client_authentication.h"

namespace oauth {

namespace {

using Method = ClientCredentials::Method;

Error UnknownClient(Method method) {
  return {.code = method == Method::kNone ? ErrorCode::kInvalidClient
                                          : ErrorCode::kClientAuthenticationFailed,
          .description = "Unknown client, or its credentials are wrong."};
}

bool SecretHolds(const records::ClientRow& client, const ClientCredentials& credentials,
                 const Hashes& hashes) {
  if (client.type == records::ClientType::kPublic) return credentials.client_secret.empty();
  if (!client.secret_hash || credentials.method == Method::kNone) return false;
  const records::Sha256 hash = hashes.Sha256(base::AsBytes(credentials.client_secret));
  return hashes.Equal(hash, *client.secret_hash);
}

Error UnauthorizedClient(std::string description) {
  return {.code = ErrorCode::kUnauthorizedClient, .description = std::move(description)};
}

}  // namespace

Answer<Client> AuthenticateClient(const ClientCredentials& credentials, const Ports& ports) {
  if (credentials.client_id.empty()) {
    return Error{.code = ErrorCode::kInvalidRequest, .description = "client_id is missing."};
  }
  const auto row = ports.directory.FindClient(credentials.client_id);
  if (!row.ok()) {
    if (row.error().code() == base::Code::kNotFound) return UnknownClient(credentials.method);
    return ErrorOf(row.error().code());
  }
  if (!SecretHolds(**row, credentials, ports.hashes)) {
    // A confidential client that sent nothing did not try, but is told by 401 how it must (§5.2).
    return UnknownClient(Method::kPost);
  }
  if ((*row)->disabled) return UnauthorizedClient("This client is disabled.");
  const auto organization = ports.directory.FindOrganization((*row)->organization_id);
  if (!organization.ok()) return ErrorOf(organization.error().code());
  if ((*organization)->status != records::OrganizationStatus::kActive) {
    return UnauthorizedClient("The organization of this client is not active.");
  }
  const auto service = ports.directory.FindService((*row)->organization_id, (*row)->service_id);
  if (!service.ok()) return ErrorOf(service.error().code());
  return Client{.row = *row, .organization = *organization, .service = *service};
}

}  // namespace oauth
