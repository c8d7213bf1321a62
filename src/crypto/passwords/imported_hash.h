// What an import takes of the hashes that other programs made (foreign_hash.h), and what it stores. Pure
// functions, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace crypto {

// What an import stores for a hash, and what it calls it ("bcrypt").
struct ImportableHash {
  std::string stored;  // Argon2id in our own form behind records::kImportMark, all else as it came
  std::string_view scheme;
};
// Below OWASP's least (Password Storage Cheat Sheet; the same in ASVS 5.0, appendix C) a hash is refused,
// with what to do instead, unless whoever imports says that weak ones are better than none.
enum class WeakHashes : std::uint8_t { kRefused, kTaken };
base::Result<ImportableHash> CheckImportedHash(std::string_view text,
                                               WeakHashes weak = WeakHashes::kRefused);

}  // namespace crypto
