#include "crypto/passwords/foreign_hash.h"

#include <array>
#include <cstdint>
#include <string>

#include "crypto/passwords/foreign_forms.h"

namespace crypto {

namespace {

using std::string_view;

struct Form {
  string_view prefix;
  ParsedHash (*parse)(string_view text);  // of what stands behind the prefix, or of all
  enum class Takes : std::uint8_t { kRest, kAll } takes = Takes::kRest;
};

constexpr auto kAll = Form::Takes::kAll;
constexpr std::array kForms{
    Form{"$2a$", &ParseBcrypt, kAll},
    Form{"$2b$", &ParseBcrypt, kAll},
    Form{"$2y$", &ParseBcrypt, kAll},
    Form{"bcrypt$", &ParseNamedBcrypt},
    Form{"bcrypt_sha256$", &ParseBcryptOfSha256},
    Form{"{bcrypt}", &ParseNamedBcrypt},
    Form{"{BLF-CRYPT}", &ParseNamedBcrypt},
    Form{"{CRYPT}", &ParseForeignHash},
    Form{"$pbkdf2", &ParsePbkdf2Phc},
    Form{"pbkdf2_", &ParsePbkdf2Django},
    Form{"pbkdf2:", &ParsePbkdf2Werkzeug},
    Form{"{PBKDF2", &ParsePbkdf2Ldap},
    Form{"$scrypt$", &ParseScryptPhc},
    Form{"scrypt$", &ParseScryptDjango},
    Form{"scrypt:", &ParseScryptWerkzeug},
    Form{"$argon2i$", &ParseArgon2i},
    Form{"$argon2d$", &ParseArgon2d},
};

// Forms that are known and not taken.
struct NotTaken {
  string_view prefix;
  string_view reason;
};
constexpr string_view kTooFast =
    "this form is too fast to keep guessers out (MD5, SHA-1 or SHA-2): import the user without a "
    "hash, and invite them";
constexpr string_view kOther =
    "this form is not taken: bcrypt, PBKDF2, scrypt and Argon2 are (docs/cli.md). Import the user "
    "without a hash, and invite them";
constexpr string_view kAsPhc =
    "this is put together from the parts that its system keeps: write it as a PHC string "
    "(docs/cli.md)";
constexpr std::array kNotTaken{
    NotTaken{"$1$", kTooFast},    NotTaken{"$apr1$", kTooFast}, NotTaken{"$P$", kTooFast},
    NotTaken{"$H$", kTooFast},    NotTaken{"{SSHA", kTooFast},  NotTaken{"{SHA", kTooFast},
    NotTaken{"{SMD5}", kTooFast}, NotTaken{"{MD5}", kTooFast},  NotTaken{"md5$", kTooFast},
    NotTaken{"sha1$", kTooFast},  NotTaken{"{noop}", kTooFast}, NotTaken{"{sha256}", kTooFast},
    NotTaken{"$5$", kOther},      NotTaken{"$6$", kOther},      NotTaken{"$y$", kOther},
    NotTaken{"$gy$", kOther},     NotTaken{"$7$", kOther},      NotTaken{"$2x$", kOther},
    NotTaken{"$wp$", kOther},     NotTaken{"$bcrypt-", kOther}, NotTaken{"{scrypt}", kOther},
    NotTaken{"$s0$", kOther},     NotTaken{"$e0801$", kOther},  NotTaken{"{pbkdf2}", kAsPhc},
    NotTaken{"{SCRYPT", kOther},  NotTaken{"AQAAAA", kAsPhc},   NotTaken{"pbkdf2$", kAsPhc}};

}  // namespace

ParsedHash ParseForeignHash(string_view text) {
  if (text.size() > kMaxForeignHashBytes) {
    return InvalidHash("a password hash has at most " + std::to_string(kMaxForeignHashBytes) +
                       " bytes");
  }
  for (const Form& form : kForms) {
    if (!text.starts_with(form.prefix)) continue;
    return form.parse(form.takes == kAll ? text : text.substr(form.prefix.size()));
  }
  for (const NotTaken& known : kNotTaken) {
    if (text.starts_with(known.prefix)) return InvalidHash(std::string(known.reason));
  }
  return InvalidHash(
      "no password hash of a known form: bcrypt, PBKDF2, scrypt or Argon2 (docs/cli.md)");
}

}  // namespace crypto
