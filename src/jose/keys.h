// Which keys of an issuer sign and which are published. Pure functions.
#pragma once

#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "jose/jose.h"
#include "records/rows.h"

namespace jose {

// The one that signs by `algorithm`, of `keys`. kUnavailable: none.
base::Result<const records::SigningKeyRow*> CurrentKey(
    const std::vector<records::SigningKeyRow>& keys, records::SigningAlgorithm algorithm);

// Whether the JWKS has it: until it is retired, so that tokens it signed can be verified.
bool IsPublished(const records::SigningKeyRow& key, base::Time now);

// Its public half. kCorrupt: the row holds none.
base::Result<Jwk> JwkOf(const records::SigningKeyRow& key);

}  // namespace jose
