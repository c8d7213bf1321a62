// Making the signing keys that an issuer still lacks. Errors are those of the writer, the database and
// the master key's file.
#pragma once

#include "ctl/admin/admin.h"
#include "records/ids.h"
#include "records/rows.h"

namespace ctl {

// One ES256 and one RS256 key that sign at once, for the issuers of an organization
// (kPlatformOrganizationId: public_url), wrapped under the master key, which is made where there is
// none yet and nothing is wrapped. Answers how many were made. kConflict: the database holds keys, but
// the file of the master key is gone.
base::Result<int> AddMissingKeys(Admin& admin, records::OrganizationId organization_id);

// One key more, wrapped under `master_key`. Of an organization with a current key of the algorithm: as
// kNext alone.
base::Result<records::SigningKeyRow> AddSigningKey(Admin& admin,
                                                   const crypto::MasterKey& master_key,
                                                   records::OrganizationId organization_id,
                                                   records::SigningAlgorithm algorithm,
                                                   records::SigningKeyState state);

}  // namespace ctl
