#include "jose/token_signer.h"

#include "jose/jose.h"
#include "jose/keys.h"
#include "records/audit/audit.h"

namespace jose {

using records::SigningAlgorithm;
using records::SigningKeyRow;

base::Result<std::string> TokenSigner::Sign(records::OrganizationId key_owner,
                                            const domain::AccessTokenClaims& claims) {
  return SignJson(key_owner, SigningAlgorithm::kEs256, "at+jwt", ToJson(claims));
}

base::Result<std::string> TokenSigner::Sign(records::OrganizationId key_owner,
                                            const domain::IdTokenClaims& claims) {
  return SignJson(key_owner, SigningAlgorithm::kRs256, "JWT", ToJson(claims));
}

base::Result<std::string> TokenSigner::SignJson(records::OrganizationId key_owner,
                                                SigningAlgorithm algorithm, std::string_view typ,
                                                std::string_view payload) {
  const auto rows = directory_.SigningKeys(key_owner);
  if (!rows.ok()) return rows.error();
  const auto row = CurrentKey(**rows, algorithm);
  if (!row.ok()) return row.error();
  const auto key = Unwrapped(**row);
  if (!key.ok()) return key.error();
  std::string token;
  base::AppendBase64Url(base::AsBytes(JwtHeader(records::ToText(algorithm), typ, (*row)->kid)),
                        &token);
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

}  // namespace jose
