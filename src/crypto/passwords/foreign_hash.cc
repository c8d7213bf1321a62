#include "crypto/passwords/foreign_hash.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <utility>

#include "base/text.h"
#include "crypto/passwords/hash_fields.h"
#include "records/password_hash.h"

namespace crypto {

namespace {

using base::Code;
using base::Result;
using base::Status;
using std::string_view;

using Parsed = Result<ForeignHash>;

Status Invalid(std::string reason) { return {Code::kInvalid, std::move(reason)}; }

// ---- bcrypt ----

constexpr std::size_t kBcryptBytes = 60;
constexpr string_view kBcryptAlphabet =
    "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

Parsed ParseBcrypt(string_view text, Bcrypt::Input input) {
  const string_view cost_text = text.size() == kBcryptBytes ? text.substr(4, 2) : string_view();
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (cost_text.empty() || !is_digit(cost_text[0]) || !is_digit(cost_text[1]) || text[6] != '$' ||
      text.substr(7).find_first_not_of(kBcryptAlphabet) != string_view::npos) {
    return Invalid("a bcrypt hash is $2b$, two digits, $ and 53 characters of ./A-Za-z0-9");
  }
  const int cost = (cost_text[0] - '0') * 10 + (cost_text[1] - '0');
  if (cost < 4 || cost > static_cast<int>(kMaxBcryptCost)) {
    return Invalid("bcrypt of cost " + std::to_string(cost) + ": 4 to " +
                   std::to_string(kMaxBcryptCost) + " are taken");
  }
  return Parsed(Bcrypt{.input = input, .crypt = std::string(text)});
}

Parsed ParseBcryptOfPassword(string_view text) {
  return ParseBcrypt(text, Bcrypt::Input::kPassword);
}

// What stands behind bcrypt$, bcrypt_sha256$ or a name in braces.
Parsed ParseDjangoBcrypt(string_view text, Bcrypt::Input input) {
  if (text.starts_with("$2a$") || text.starts_with("$2b$") || text.starts_with("$2y$")) {
    return ParseBcrypt(text, input);
  }
  return Invalid("behind the name of bcrypt a bcrypt hash is missing ($2b$…)");
}

// ---- PBKDF2 ----

struct DigestName {
  string_view text;
  string_view openssl;
  std::size_t bytes;
};
constexpr std::array kDigests{DigestName{"sha1", "SHA1", 20}, DigestName{"sha256", "SHA256", 32},
                              DigestName{"sha512", "SHA512", 64}};

Parsed MakePbkdf2(string_view digest_text, std::optional<std::uint64_t> rounds,
                  std::optional<std::string> salt, std::optional<std::string> hash) {
  const auto* const digest = std::find_if(kDigests.begin(), kDigests.end(),
                                          [&](const auto& d) { return d.text == digest_text; });
  if (digest == kDigests.end())
    return Invalid("PBKDF2 with another digest than sha1, sha256, sha512");
  if (!rounds || !salt || !hash) {
    return Invalid("this PBKDF2 hash is damaged: rounds, salt (1 to 64 bytes) or hash (16 to 64)");
  }
  const std::uint64_t blocks = (hash->size() + digest->bytes - 1) / digest->bytes;
  if (*rounds * blocks > kMaxPbkdf2Rounds) {
    return Invalid("PBKDF2 of " + std::to_string(*rounds) + " rounds for " +
                   std::to_string(blocks) + " blocks: " + std::to_string(kMaxPbkdf2Rounds) +
                   " in all are taken");
  }
  return Parsed(Pbkdf2{.digest = std::string(digest->openssl),
                       .rounds = static_cast<std::uint32_t>(*rounds),
                       .salt = std::move(*salt),
                       .hash = std::move(*hash)});
}

// Behind "$pbkdf2": ["-" digest] "$" (rounds | "i=" rounds [",l=" length]) "$" salt "$" hash
Parsed ParsePbkdf2Phc(string_view text) {
  HashFields fields(text);
  const string_view digest = fields.Skip("-") ? fields.UpTo('$').value_or("")
                                              : (fields.Skip("$") ? string_view("sha1") : "");
  fields.Skip("i=");
  const auto rounds = fields.Number();
  const bool has_length = fields.Skip(",l=");
  const auto length = has_length ? fields.Number() : std::nullopt;
  if (!fields.Skip("$")) return MakePbkdf2(digest, std::nullopt, std::nullopt, std::nullopt);
  auto salt = SaltFromBase64(fields.UpTo('$').value_or(""));
  auto hash = HashFromBase64(fields.rest());
  if (has_length && (!hash || length != hash->size())) hash = std::nullopt;
  return MakePbkdf2(digest, rounds, std::move(salt), std::move(hash));
}

// digest, `mark`, rounds "$" salt "$" hash
Parsed ParsePbkdf2OfText(string_view text, char mark,
                         std::optional<std::string> (*decode)(string_view)) {
  HashFields fields(text);
  const string_view digest = fields.UpTo(mark).value_or("");
  const auto rounds = fields.Number();
  if (!fields.Skip("$")) return MakePbkdf2(digest, std::nullopt, std::nullopt, std::nullopt);
  auto salt = SaltFromText(fields.UpTo('$').value_or(""));
  return MakePbkdf2(digest, rounds, std::move(salt), decode(fields.rest()));
}

// Behind "pbkdf2_".
Parsed ParsePbkdf2Django(string_view text) { return ParsePbkdf2OfText(text, '$', &HashFromBase64); }

// Behind "pbkdf2:".
Parsed ParsePbkdf2Werkzeug(string_view text) { return ParsePbkdf2OfText(text, ':', &HashFromHex); }

// Behind "{PBKDF2": ["-" digest in capitals] "}" rounds "$" salt "$" hash, as passlib and OpenLDAP write it.
Parsed ParsePbkdf2Ldap(string_view text) {
  HashFields fields(text);
  const bool has_digest = fields.Skip("-");
  const string_view digest = fields.UpTo('}').value_or("");
  return ParsePbkdf2Phc((has_digest ? "-" : "") + base::AsciiLower(digest) + "$" +
                        std::string(fields.rest()));
}

// ---- scrypt ----

struct ScryptCost {
  std::optional<std::uint64_t> n, r, p;
};

Parsed MakeScrypt(const ScryptCost& cost, std::optional<std::string> salt,
                  std::optional<std::string> hash) {
  if (!cost.n || !cost.r || !cost.p || !salt || !hash) {
    return Invalid("this scrypt hash is damaged: N, r, p, salt (1 to 64 bytes) or hash (16 to 64)");
  }
  if (!std::has_single_bit(*cost.n) || *cost.n < 2) return Invalid("scrypt's N is a power of two");
  // Each factor is bounded first, so that no product runs over.
  const bool is_cheap = *cost.n <= kMaxScryptMemory && *cost.r <= kMaxScryptMemory &&
                        *cost.p <= kMaxScryptWork && *cost.n * *cost.r <= kMaxScryptMemory &&
                        *cost.n * *cost.r * *cost.p <= kMaxScryptWork;
  if (!is_cheap) {
    return Invalid("scrypt of N " + std::to_string(*cost.n) + ", r " + std::to_string(*cost.r) +
                   ", p " + std::to_string(*cost.p) +
                   ": N × r up to 2^21 (256 MiB) and N × r × p up "
                   "to 2^22 are taken");
  }
  return Parsed(Scrypt{.n = *cost.n,
                       .r = *cost.r,
                       .p = *cost.p,
                       .salt = std::move(*salt),
                       .hash = std::move(*hash)});
}

// Behind "$scrypt$": "ln=" log2(N) ",r=" r ",p=" p "$" salt "$" hash
Parsed ParseScryptPhc(string_view text) {
  HashFields fields(text);
  ScryptCost cost;
  if (fields.Skip("ln=")) {
    const auto log = fields.Number();
    if (log && *log < 64) cost.n = std::uint64_t{1} << *log;
  }
  if (fields.Skip(",r=")) cost.r = fields.Number();
  if (fields.Skip(",p=")) cost.p = fields.Number();
  if (!fields.Skip("$")) return MakeScrypt({}, std::nullopt, std::nullopt);
  auto salt = SaltFromBase64(fields.UpTo('$').value_or(""));
  return MakeScrypt(cost, std::move(salt), HashFromBase64(fields.rest()));
}

// Behind "scrypt$": N "$" salt "$" r "$" p "$" base64
Parsed ParseScryptDjango(string_view text) {
  HashFields fields(text);
  ScryptCost cost;
  cost.n = fields.Number();
  if (!fields.Skip("$")) return MakeScrypt({}, std::nullopt, std::nullopt);
  auto salt = SaltFromText(fields.UpTo('$').value_or(""));
  cost.r = fields.Number();
  if (fields.Skip("$")) cost.p = fields.Number();
  if (!fields.Skip("$")) return MakeScrypt({}, std::nullopt, std::nullopt);
  return MakeScrypt(cost, std::move(salt), HashFromBase64(fields.rest()));
}

// Behind "scrypt:": N ":" r ":" p "$" salt "$" hex
Parsed ParseScryptWerkzeug(string_view text) {
  HashFields fields(text);
  ScryptCost cost;
  cost.n = fields.Number();
  if (fields.Skip(":")) cost.r = fields.Number();
  if (fields.Skip(":")) cost.p = fields.Number();
  if (!fields.Skip("$")) return MakeScrypt({}, std::nullopt, std::nullopt);
  auto salt = SaltFromText(fields.UpTo('$').value_or(""));
  return MakeScrypt(cost, std::move(salt), HashFromHex(fields.rest()));
}

// ---- Argon2 ----

// Of a hash that ParsePhc took.
Status CheckArgon2Work(const Argon2Hash& hash) {
  const Argon2Parameters& p = hash.parameters;
  if (std::uint64_t{p.memory_kib} * p.passes <= kMaxArgon2Work) return {};
  return Invalid("Argon2 of " + std::to_string(p.memory_kib) + " KiB and " +
                 std::to_string(p.passes) + " passes: KiB × passes up to 2^20 are taken");
}

Status DamagedArgon2() {
  return Invalid(
      "this Argon2 hash is damaged, of an older version, or asks for too much: v=19, m up to "
      "262144, t up to 16, p up to 8, salt of 8 to 64 bytes, hash of 16 to 64");
}

// Behind "$argon2i" or "$argon2d".
Parsed ParseOtherArgon2(string_view text, OtherArgon2::Variant variant) {
  auto hash = ParsePhc("$argon2id" + std::string(text));
  if (!hash) return DamagedArgon2();
  if (Status status = CheckArgon2Work(*hash); !status.ok()) return status;
  return Parsed(OtherArgon2{.variant = variant, .hash = std::move(*hash)});
}

// ---- all of them ----

struct Form {
  string_view prefix;
  Parsed (*parse)(string_view text);  // of what stands behind the prefix, or of all
  enum class Takes : std::uint8_t { kRest, kAll } takes = Takes::kRest;
};

Parsed ParseNamedBcrypt(string_view text) {
  return ParseDjangoBcrypt(text, Bcrypt::Input::kPassword);
}

constexpr auto kAll = Form::Takes::kAll;
constexpr std::array kForms{
    Form{"$2a$", &ParseBcryptOfPassword, kAll},
    Form{"$2b$", &ParseBcryptOfPassword, kAll},
    Form{"$2y$", &ParseBcryptOfPassword, kAll},
    Form{"bcrypt$", &ParseNamedBcrypt},
    Form{"bcrypt_sha256$",
         [](string_view t) { return ParseDjangoBcrypt(t, Bcrypt::Input::kHexOfSha256); }},
    Form{"{bcrypt}", &ParseNamedBcrypt},
    Form{"{BLF-CRYPT}", &ParseNamedBcrypt},
    Form{"{CRYPT}", [](string_view t) { return ParseForeignHash(t); }},
    Form{"$pbkdf2", &ParsePbkdf2Phc},
    Form{"pbkdf2_", &ParsePbkdf2Django},
    Form{"pbkdf2:", &ParsePbkdf2Werkzeug},
    Form{"{PBKDF2", &ParsePbkdf2Ldap},
    Form{"$scrypt$", &ParseScryptPhc},
    Form{"scrypt$", &ParseScryptDjango},
    Form{"scrypt:", &ParseScryptWerkzeug},
    Form{"$argon2i$",
         [](string_view t) {
           return ParseOtherArgon2("$" + std::string(t), OtherArgon2::Variant::kArgon2i);
         }},
    Form{"$argon2d$",
         [](string_view t) {
           return ParseOtherArgon2("$" + std::string(t), OtherArgon2::Variant::kArgon2d);
         }},
};

// What stands before Argon2id where others write it: Django, Spring, Dovecot, OpenLDAP. The first is
// what we keep (records::kImportMark).
constexpr std::array<string_view, 6> kArgon2Names{
    records::kImportMark, "{argon2}",  "{argon2@SpringSecurity_v5_8}",
    "{ARGON2ID}",         "{ARGON2I}", "{ARGON2}"};

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

// ---- what OWASP holds to be the least ----

struct Pbkdf2Least {
  string_view digest;  // OpenSSL's name
  std::uint32_t rounds;
};
constexpr std::array kPbkdf2Least{Pbkdf2Least{"SHA1", 1'300'000}, Pbkdf2Least{"SHA256", 600'000},
                                  Pbkdf2Least{"SHA512", 210'000}};
struct ScryptLeast {
  std::uint64_t n;
  std::uint64_t p;
};
constexpr std::uint64_t kScryptLeastR = 8;
constexpr std::array kScryptLeast{ScryptLeast{1U << 17U, 1}, ScryptLeast{1U << 16U, 2},
                                  ScryptLeast{1U << 15U, 3}, ScryptLeast{1U << 14U, 5},
                                  ScryptLeast{1U << 13U, 10}};
constexpr std::array kArgon2Least{records::HashCost{.memory_kib = 47104, .passes = 1},
                                  records::HashCost{.memory_kib = 19456, .passes = 2},
                                  records::HashCost{.memory_kib = 12288, .passes = 3},
                                  records::HashCost{.memory_kib = 9216, .passes = 4},
                                  records::HashCost{.memory_kib = 7168, .passes = 5}};
constexpr int kBcryptLeast = 10;

Status Weak(std::string what, string_view least) {
  return Invalid(what + " is too weak: OWASP's least is " + std::string(least) +
                 ". Import the user without a hash and invite them, or take it by --weak-hashes");
}

Status CheckStrength(const Bcrypt& hash) {
  const int cost = (hash.crypt[4] - '0') * 10 + (hash.crypt[5] - '0');
  if (cost >= kBcryptLeast) return {};
  return Weak("bcrypt of cost " + std::to_string(cost), "10");
}

Status CheckStrength(const Pbkdf2& hash) {
  const auto* const least =
      std::find_if(kPbkdf2Least.begin(), kPbkdf2Least.end(),
                   [&](const Pbkdf2Least& known) { return known.digest == hash.digest; });
  if (least == kPbkdf2Least.end() || hash.rounds >= least->rounds) return {};
  return Weak("PBKDF2 with " + hash.digest + " of " + std::to_string(hash.rounds) + " rounds",
              std::to_string(least->rounds));
}

Status CheckStrength(const Scrypt& hash) {
  const bool is_strong =
      std::any_of(kScryptLeast.begin(), kScryptLeast.end(), [&](const ScryptLeast& least) {
        return hash.n >= least.n && hash.r >= kScryptLeastR && hash.p >= least.p;
      });
  if (is_strong) return {};
  return Weak(
      "scrypt of N " + std::to_string(hash.n) + ", r " + std::to_string(hash.r) + ", p " +
          std::to_string(hash.p),
      "N 2^17, r 8, p 1 or its equal (2^16 with p 2, 2^15 with 3, 2^14 with 5, 2^13 with 10)");
}

Status CheckStrength(const Argon2Hash& hash) {
  const Argon2Parameters& p = hash.parameters;
  const bool is_strong =
      std::any_of(kArgon2Least.begin(), kArgon2Least.end(), [&](const records::HashCost& least) {
        return p.memory_kib >= least.memory_kib && p.passes >= least.passes;
      });
  if (is_strong) return {};
  return Weak(
      "Argon2 of " + std::to_string(p.memory_kib) + " KiB and " + std::to_string(p.passes) +
          " passes",
      "19456 KiB and 2 passes or its equal (47104 and 1, 12288 and 3, 9216 and 4, 7168 and 5)");
}

Status CheckStrength(const OtherArgon2& hash) { return CheckStrength(hash.hash); }

// Argon2id behind one of the names, or alone; nullopt: another form.
std::optional<string_view> Argon2idIn(string_view text) {
  if (text.starts_with(records::kOwnHashPrefix)) return text;
  for (const string_view name : kArgon2Names) {
    if (!text.starts_with(name)) continue;
    const string_view rest = text.substr(name.size());
    if (rest.starts_with(records::kOwnHashPrefix)) return rest;
  }
  return std::nullopt;
}

// Of the other variants behind a name the name goes: the parser of stored hashes does not know it.
string_view WithoutArgon2Name(string_view text) {
  for (const string_view name : kArgon2Names) {
    if (text.starts_with(name) && text.substr(name.size()).starts_with("$argon2")) {
      return text.substr(name.size());
    }
  }
  return text;
}

Result<ImportableHash> ImportArgon2id(string_view text, WeakHashes weak) {
  const auto hash = ParsePhc(text);
  if (!hash) return DamagedArgon2();
  if (Status status = CheckArgon2Work(*hash); !status.ok()) return status;
  if (weak == WeakHashes::kRefused) {
    if (Status status = CheckStrength(*hash); !status.ok()) return status;
  }
  return ImportableHash{.stored = std::string(records::kImportMark) + EncodePhc(*hash),
                        .scheme = "Argon2id"};
}

string_view SchemeOf(const ForeignHash& hash) {
  constexpr std::array<string_view, std::variant_size_v<ForeignHash>> kNames{"bcrypt", "PBKDF2",
                                                                             "scrypt", "Argon2"};
  return kNames[hash.index()];
}

}  // namespace

Result<ForeignHash> ParseForeignHash(string_view text) {
  if (text.size() > kMaxForeignHashBytes) {
    return Invalid("a password hash has at most " + std::to_string(kMaxForeignHashBytes) +
                   " bytes");
  }
  for (const Form& form : kForms) {
    if (!text.starts_with(form.prefix)) continue;
    return form.parse(form.takes == kAll ? text : text.substr(form.prefix.size()));
  }
  for (const NotTaken& known : kNotTaken) {
    if (text.starts_with(known.prefix)) return Invalid(std::string(known.reason));
  }
  return Invalid(
      "no password hash of a known form: bcrypt, PBKDF2, scrypt or Argon2 (docs/cli.md)");
}

Result<ImportableHash> CheckImportedHash(string_view text, WeakHashes weak) {
  if (const auto argon2id = Argon2idIn(text)) return ImportArgon2id(*argon2id, weak);
  text = WithoutArgon2Name(text);
  const auto hash = ParseForeignHash(text);
  if (!hash.ok()) return hash.error();
  if (weak == WeakHashes::kRefused) {
    Status status = std::visit([](const auto& of) { return CheckStrength(of); }, *hash);
    if (!status.ok()) return status;
  }
  return ImportableHash{.stored = std::string(text), .scheme = SchemeOf(*hash)};
}

}  // namespace crypto
