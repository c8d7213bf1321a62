// AES-256-GCM for secrets at rest (NIST SP 800-38D). Internal to this module. Thread-safe.
//   sealed := nonce (12 random bytes) || ciphertext || tag (16)
// A nonce is drawn for each seal: with the handful of keys a server ever wraps, a repeat is out of
// reach.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"
#include "domain/ports/random.h"
#include "records/ids.h"

namespace crypto {

inline constexpr std::size_t kWrapNonceBytes = 12;
inline constexpr std::size_t kWrapTagBytes = 16;

// `context` is authenticated, not stored: the same must be given to open.
base::Result<std::string> Wrap(const records::Sha256& key, std::string_view context,
                               base::ByteView secret, domain::Random& random);
// kCorrupt: other key, other context, or changed bytes (which of them cannot be told).
base::Result<std::string> Unwrap(const records::Sha256& key, std::string_view context,
                                 base::ByteView sealed);

}  // namespace crypto
