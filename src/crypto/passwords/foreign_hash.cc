#include "crypto/passwords/foreign_hash.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <utility>

#include "crypto/passwords/hash_fields.h"
#include "records/session_writes.h"

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

// What stands behind bcrypt$ or bcrypt_sha256$.
Parsed ParseDjangoBcrypt(string_view text, Bcrypt::Input input) {
  if (text.starts_with("$2a$") || text.starts_with("$2b$") || text.starts_with("$2y$")) {
    return ParseBcrypt(text, input);
  }
  return Invalid("Django's bcrypt is bcrypt$ and a bcrypt hash ($2b$…)");
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
      "this Argon2 hash is damaged or asks for too much: v=19, m up to 262144, t up to 16, p up to "
      "8, "
      "salt of 8 to 64 bytes, hash of 16 to 64");
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

constexpr auto kAll = Form::Takes::kAll;
constexpr std::array kForms{
    Form{"$2a$", &ParseBcryptOfPassword, kAll},
    Form{"$2b$", &ParseBcryptOfPassword, kAll},
    Form{"$2y$", &ParseBcryptOfPassword, kAll},
    Form{"bcrypt$", [](string_view t) { return ParseDjangoBcrypt(t, Bcrypt::Input::kPassword); }},
    Form{"bcrypt_sha256$",
         [](string_view t) { return ParseDjangoBcrypt(t, Bcrypt::Input::kHexOfSha256); }},
    Form{"$pbkdf2", &ParsePbkdf2Phc},
    Form{"pbkdf2_", &ParsePbkdf2Django},
    Form{"pbkdf2:", &ParsePbkdf2Werkzeug},
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
  return Invalid(
      "no password hash of a known form: bcrypt, PBKDF2, scrypt or Argon2 (docs/cli.md)");
}

Result<ImportableHash> CheckImportedHash(string_view text) {
  // Django writes argon2$argon2id$v=19$…, and its other variants so too.
  if (text.starts_with("argon2$")) text.remove_prefix(string_view("argon2").size());
  if (text.starts_with(records::kOwnHashPrefix)) {
    const auto hash = ParsePhc(text);
    if (!hash) return DamagedArgon2();
    if (Status status = CheckArgon2Work(*hash); !status.ok()) return status;
    return ImportableHash{.stored = std::string(text), .scheme = "Argon2id"};
  }
  const auto hash = ParseForeignHash(text);
  if (!hash.ok()) return hash.error();
  return ImportableHash{.stored = std::string(text), .scheme = SchemeOf(*hash)};
}

}  // namespace crypto
