// Signs JWTs with the current keys of an issuer: claims become JSON , the JSON is signed
// (crypto/). Unwrapped keys are kept by kid; which one is current is asked anew each time (the
// directory keeps it). Not thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "crypto/crypto.h"
#include "domain/ports/directory.h"
#include "domain/ports/token_signer.h"

namespace jose {

class TokenSigner final : public domain::TokenSigner {
 public:
  TokenSigner(domain::Directory& directory, const crypto::MasterKey& key)
      : directory_(directory), master_key_(key) {}

  base::Result<std::string> Sign(records::OrganizationId key_owner,
                                 const domain::AccessTokenClaims& claims) override;
  base::Result<std::string> Sign(records::OrganizationId key_owner,
                                 const domain::IdTokenClaims& claims) override;

 private:
  base::Result<std::string> SignJson(records::OrganizationId key_owner,
                                     records::SigningAlgorithm algorithm, std::string_view typ,
                                     std::string_view payload);
  base::Result<const crypto::SigningKey*> Unwrapped(const records::SigningKeyRow& row);

  domain::Directory& directory_;
  crypto::MasterKey master_key_;
  std::unordered_map<std::string, crypto::SigningKey> keys_by_kid_;
};

}  // namespace jose
