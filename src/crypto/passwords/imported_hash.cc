#include "crypto/passwords/imported_hash.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "crypto/passwords/foreign_forms.h"
#include "crypto/passwords/foreign_hash.h"
#include "crypto/passwords/phc.h"
#include "records/password_hash.h"

namespace crypto {

namespace {

using base::Result;
using base::Status;
using std::string_view;

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

Status Weak(string_view what, string_view least) {
  return InvalidHash(
      std::string(what) + " is too weak: OWASP's least is " + std::string(least) +
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

// ---- names before Argon2 ----

// What stands before Argon2id where others write it: Django, Spring, Dovecot, OpenLDAP. The first is
// what we keep (records::kImportMark).
constexpr std::array<string_view, 6> kArgon2Names{
    records::kImportMark, "{argon2}",  "{argon2@SpringSecurity_v5_8}",
    "{ARGON2ID}",         "{ARGON2I}", "{ARGON2}"};

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
  const auto hash = ParseArgon2id(text);
  if (!hash.ok()) return hash.error();
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
