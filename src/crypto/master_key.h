// The one secret that is not in the database: 32 random bytes in a file. Everything secret that is
// stored is wrapped under a key derived from it, and refresh successors are. Source:
// docs/security.md.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "crypto/secret_page.h"
#include "domain/ports/random.h"
#include "records/ids.h"

namespace crypto {

// A value; thread-compatible. Its bytes are in a page of their own (secret_page.h), and wiped when it goes.
class MasterKey {
 public:
  // kNotFound: no such file. kDenied: group or others may read it (mode 0600 is asked for), or we
  // may not. kInvalid: it has not exactly 32 bytes.
  static base::Result<MasterKey> Load(const std::string& path);
  // Makes the file, 0600 and durable, all or nothing. kExists: it is there and is left as it is.
  static base::Result<MasterKey> Create(const std::string& path, domain::Random& random);

  // A key of its own for each purpose: HKDF-SHA-256 (RFC 5869) without salt, info = purpose.
  records::Sha256 Derive(std::string_view purpose) const;

 private:
  static constexpr std::size_t kBytes = 32;

  MasterKey() = default;
  SecretPage page_{kBytes};
};

}  // namespace crypto
