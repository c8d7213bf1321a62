#include "ctl/admin/signing_keys.h"

#include <unistd.h>
#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace ctl {

namespace {

using base::Code;
using base::Result;
using base::Status;
using records::SigningAlgorithm;

constexpr std::array kAlgorithms{SigningAlgorithm::kEs256, SigningAlgorithm::kRs256};

bool HasCurrent(const std::vector<records::SigningKeyRow>& keys, SigningAlgorithm algorithm) {
  return std::any_of(keys.begin(), keys.end(), [algorithm](const auto& key) {
    return key.algorithm == algorithm && key.state == records::SigningKeyState::kCurrent;
  });
}

// A new master key cannot read what the lost one has wrapped.
Result<crypto::MasterKey> LoadOrMakeMasterKey(Admin& admin) {
  const std::string path = admin.settings().MasterKeyPath();
  if (::access(path.c_str(), F_OK) == 0) return crypto::MasterKey::Load(path);
  const auto reader = admin.Reader();
  if (!reader.ok()) return reader.error();
  const auto keys = (*reader)->ListSigningKeys(records::kPlatformOrganizationId);
  if (!keys.ok()) return keys.error();
  if (!keys->empty()) {
    return Status(Code::kConflict, path +
                                       " is missing, but the database holds signing keys wrapped "
                                       "with it: put the file back from a backup");
  }
  return crypto::MasterKey::Create(path, admin.random());
}

}  // namespace

Result<records::SigningKeyRow> AddSigningKey(Admin& admin, const crypto::MasterKey& master_key,
                                             records::OrganizationId organization_id,
                                             SigningAlgorithm algorithm,
                                             records::SigningKeyState state) {
  const auto generated = crypto::GenerateSigningKey(algorithm, master_key, admin.random());
  if (!generated.ok()) return generated.error();
  const records::CreateSigningKey record{
      .record_id = admin.NewId<records::RecordId>(),
      .row = {.id = admin.NewId<records::SigningKeyId>(),
              .organization_id = organization_id,
              .kid = generated->kid,
              .algorithm = algorithm,
              .state = state,
              .public_key = generated->public_key,
              .wrapped_private_key = generated->wrapped_private_key,
              .created_at = admin.Now(),
              .retire_at = std::nullopt}};
  const auto written = admin.Write(record, {});
  if (!written.ok()) return written.error();
  return record.row;
}

Result<int> AddMissingKeys(Admin& admin, records::OrganizationId organization_id) {
  const auto reader = admin.Reader();
  if (!reader.ok()) return reader.error();
  const auto keys = (*reader)->ListSigningKeys(organization_id);
  if (!keys.ok()) return keys.error();
  const auto master_key = LoadOrMakeMasterKey(admin);
  if (!master_key.ok()) return master_key.error();
  int made = 0;
  for (const SigningAlgorithm algorithm : kAlgorithms) {
    if (HasCurrent(*keys, algorithm)) continue;
    const auto key = AddSigningKey(admin, *master_key, organization_id, algorithm,
                                   records::SigningKeyState::kCurrent);
    if (!key.ok()) return key.error();
    ++made;
  }
  return made;
}

}  // namespace ctl
