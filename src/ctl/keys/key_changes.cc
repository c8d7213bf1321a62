#include "ctl/keys/key_changes.h"

#include "ctl/admin/signing_keys.h"
#include "ctl/print/text.h"

namespace ctl {

using base::Code;
using base::Result;
using base::Status;

Result<std::vector<KeyOwner>> ListKeyOwners(Admin& admin) {
  const auto reader = admin.Reader();
  if (!reader.ok()) return reader.error();
  std::vector<KeyOwner> owners;
  domain::Page page;
  for (;;) {
    const auto organizations = (*reader)->ListOrganizations(page);
    if (!organizations.ok()) return organizations.error();
    if (organizations->empty()) return owners;
    for (const records::OrganizationRow& organization : *organizations) {
      auto keys = (*reader)->ListSigningKeys(organization.id);
      if (!keys.ok()) return keys.error();
      if (!keys->empty()) owners.push_back({organization, std::move(*keys)});
    }
    page.after = organizations->back().slug;
  }
}

Result<OwnedKey> FindKey(Admin& admin, std::string_view kid) {
  const auto owners = ListKeyOwners(admin);
  if (!owners.ok()) return owners.error();
  for (const KeyOwner& owner : *owners) {
    for (const records::SigningKeyRow& key : owner.keys) {
      if (key.kid == kid) return OwnedKey{owner.organization, key};
    }
  }
  return Status(Code::kNotFound, "no key " + Printable(kid) +
                                     ": `latchkey keys list --org SLUG` shows those of an "
                                     "organization, without --org the platform's");
}

Result<records::SigningKeyRow> AddNextKey(Admin& admin, records::OrganizationId organization_id,
                                          records::SigningAlgorithm algorithm) {
  const auto master_key = crypto::MasterKey::Load(admin.settings().MasterKeyPath());
  if (!master_key.ok()) return master_key.error();
  return AddSigningKey(admin, *master_key, organization_id, algorithm,
                       records::SigningKeyState::kNext);
}

Status PromoteKey(Admin& admin, records::OrganizationId organization_id, records::SigningKeyId key,
                  base::Time retire_at) {
  const records::PromoteSigningKey record{.record_id = admin.NewId<records::RecordId>(),
                                          .signing_key_id = key,
                                          .organization_id = organization_id,
                                          .promoted_at = admin.Now(),
                                          .retire_at = retire_at};
  return admin
      .Write(record,
             {.not_found = "the key is gone: somebody else changes keys at this moment",
              .exists = {},
              .conflict = "the key signs already: somebody else changes keys at this moment",
              .denied = {}})
      .status();
}

Status DeleteKey(Admin& admin, records::OrganizationId organization_id, records::SigningKeyId key) {
  const records::DeleteSigningKey record{.record_id = admin.NewId<records::RecordId>(),
                                         .signing_key_id = key,
                                         .organization_id = organization_id};
  return admin
      .Write(record, {.not_found = "the key is gone already",
                      .exists = {},
                      .conflict = "the key signs again: somebody else changes keys at this moment",
                      .denied = {}})
      .status();
}

}  // namespace ctl
