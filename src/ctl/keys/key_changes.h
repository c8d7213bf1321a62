// The writes that rotation and retirement share. Errors are those of the writer and of the master
// key's file, each with a sentence.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ctl/admin/admin.h"
#include "ctl/keys/key_rotation.h"
#include "records/rows.h"

namespace ctl {

// A key with the organization that it signs for.
struct OwnedKey {
  records::OrganizationRow organization;
  records::SigningKeyRow key;
};

// Every organization that has keys, with them.
struct KeyOwner {
  records::OrganizationRow organization;
  std::vector<records::SigningKeyRow> keys;
};
base::Result<std::vector<KeyOwner>> ListKeyOwners(Admin& admin);

// kNotFound: no organization has a key of that kid.
base::Result<OwnedKey> FindKey(Admin& admin, std::string_view kid);

base::Result<records::SigningKeyRow> AddNextKey(Admin& admin,
                                                records::OrganizationId organization_id,
                                                records::SigningAlgorithm algorithm);
// The former current key is published until `retire_at`. kConflict: somebody else promoted it.
base::Status PromoteKey(Admin& admin, records::OrganizationId organization_id,
                        records::SigningKeyId key, base::Time retire_at);
// kConflict: it signs.
base::Status DeleteKey(Admin& admin, records::OrganizationId organization_id,
                       records::SigningKeyId key);

}  // namespace ctl
