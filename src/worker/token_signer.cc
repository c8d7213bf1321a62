#include "worker/token_signer.h"

#include "http/json.h"
#include "records/audit/audit.h"

namespace worker {

namespace {

using records::SigningAlgorithm;
using records::SigningKeyRow;
using records::SigningKeyState;

base::Result<const SigningKeyRow*> CurrentKey(domain::Directory& directory,
                                              records::OrganizationId owner,
                                              SigningAlgorithm algorithm) {
  const auto keys = directory.SigningKeys(owner);
  if (!keys.ok()) return keys.error();
  for (const SigningKeyRow& key : **keys) {
    if (key.algorithm == algorithm && key.state == SigningKeyState::kCurrent) return &key;
  }
  return base::Status(
      base::Code::kUnavailable,
      "no current signing key: run `latchkey keys create` (with --org ORG for an organization)");
}

}  // namespace

base::Result<std::string> TokenSigner::Sign(records::OrganizationId key_owner,
                                            const domain::AccessTokenClaims& claims) {
  return SignJson(key_owner, SigningAlgorithm::kEs256, "at+jwt", http::ToJson(claims));
}

base::Result<std::string> TokenSigner::Sign(records::OrganizationId key_owner,
                                            const domain::IdTokenClaims& claims) {
  return SignJson(key_owner, SigningAlgorithm::kRs256, "JWT", http::ToJson(claims));
}

base::Result<std::string> TokenSigner::SignJson(records::OrganizationId key_owner,
                                                SigningAlgorithm algorithm, std::string_view typ,
                                                std::string_view payload) {
  const auto row = CurrentKey(directory_, key_owner, algorithm);
  if (!row.ok()) return row.error();
  const auto key = Unwrapped(**row);
  if (!key.ok()) return key.error();
  std::string token;
  base::AppendBase64Url(
      base::AsBytes(http::JwtHeader(records::ToText(algorithm), typ, (*row)->kid)), &token);
  token.push_back('.');
  base::AppendBase64Url(base::AsBytes(payload), &token);
  const auto signature = (*key)->Sign(token);
  if (!signature.ok()) return signature.error();
  token.push_back('.');
  base::AppendBase64Url(base::AsBytes(*signature), &token);
  token.shrink_to_fit();  // it waits for its write beside thousands of others
  return token;
}

base::Result<const crypto::SigningKey*> TokenSigner::Unwrapped(const SigningKeyRow& row) {
  if (const auto found = keys_by_kid_.find(row.kid); found != keys_by_kid_.end()) {
    return &found->second;
  }
  auto key = crypto::SigningKey::Unwrap(row.algorithm, row.wrapped_private_key, master_key_);
  // Another master key than its own: a matter of the machine, which ends when that is put right.
  if (!key.ok()) return base::Status(base::Code::kUnavailable, key.error().message());
  return &keys_by_kid_.emplace(row.kid, std::move(*key)).first->second;
}

}  // namespace worker
