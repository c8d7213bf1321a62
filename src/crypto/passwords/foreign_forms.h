// How each family of hashes is written: readers of what the table in foreign_hash.cc sends them, a source a
// family. Each checks what the hash costs against the bounds of foreign_hash.h. Internal to
// crypto/passwords/. Pure functions, thread-safe; kInvalid comes with a sentence for the report.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "crypto/passwords/foreign_hash.h"

namespace crypto {

using ParsedHash = base::Result<ForeignHash>;

inline base::Status InvalidHash(std::string reason) {
  return {base::Code::kInvalid, std::move(reason)};
}

// bcrypt_forms.cc: all of the text; what stands behind bcrypt$, bcrypt_sha256$ or a name in braces.
ParsedHash ParseBcrypt(std::string_view text);
ParsedHash ParseNamedBcrypt(std::string_view rest);
ParsedHash ParseBcryptOfSha256(std::string_view rest);

// pbkdf2_forms.cc: behind "$pbkdf2", "pbkdf2_", "pbkdf2:", "{PBKDF2".
ParsedHash ParsePbkdf2Phc(std::string_view rest);
ParsedHash ParsePbkdf2Django(std::string_view rest);
ParsedHash ParsePbkdf2Werkzeug(std::string_view rest);
ParsedHash ParsePbkdf2Ldap(std::string_view rest);

// scrypt_forms.cc: behind "$scrypt$", "scrypt$", "scrypt:".
ParsedHash ParseScryptPhc(std::string_view rest);
ParsedHash ParseScryptDjango(std::string_view rest);
ParsedHash ParseScryptWerkzeug(std::string_view rest);

// argon2_forms.cc: behind "$argon2i$", "$argon2d$"; all of a hash of Argon2id, within the same bounds.
ParsedHash ParseArgon2i(std::string_view rest);
ParsedHash ParseArgon2d(std::string_view rest);
base::Result<Argon2Hash> ParseArgon2id(std::string_view text);

}  // namespace crypto
