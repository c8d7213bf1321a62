#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/text.h"
#include "crypto/passwords/foreign_forms.h"
#include "crypto/passwords/hash_fields.h"

namespace crypto {

namespace {

using std::string_view;

struct DigestName {
  string_view text;
  string_view openssl;
  std::size_t bytes;
};
constexpr std::array kDigests{DigestName{"sha1", "SHA1", 20}, DigestName{"sha256", "SHA256", 32},
                              DigestName{"sha512", "SHA512", 64}};

ParsedHash MakePbkdf2(string_view digest_text, std::optional<std::uint64_t> rounds,
                      std::optional<std::string> salt, std::optional<std::string> hash) {
  const auto* const digest = std::find_if(kDigests.begin(), kDigests.end(),
                                          [&](const auto& d) { return d.text == digest_text; });
  if (digest == kDigests.end())
    return InvalidHash("PBKDF2 with another digest than sha1, sha256, sha512");
  if (!rounds || !salt || !hash) {
    return InvalidHash(
        "this PBKDF2 hash is damaged: rounds, salt (1 to 64 bytes) or hash (16 to 64)");
  }
  const std::uint64_t blocks = (hash->size() + digest->bytes - 1) / digest->bytes;
  if (*rounds * blocks > kMaxPbkdf2Rounds) {
    return InvalidHash("PBKDF2 of " + std::to_string(*rounds) + " rounds for " +
                       std::to_string(blocks) + " blocks: " + std::to_string(kMaxPbkdf2Rounds) +
                       " in all are taken");
  }
  return ParsedHash(Pbkdf2{.digest = std::string(digest->openssl),
                           .rounds = static_cast<std::uint32_t>(*rounds),
                           .salt = std::move(*salt),
                           .hash = std::move(*hash)});
}

// digest, `mark`, rounds "$" salt "$" hash
ParsedHash ParsePbkdf2OfText(string_view text, char mark,
                             std::optional<std::string> (*decode)(string_view)) {
  HashFields fields(text);
  const string_view digest = fields.UpTo(mark).value_or("");
  const auto rounds = fields.Number();
  if (!fields.Skip("$")) return MakePbkdf2(digest, std::nullopt, std::nullopt, std::nullopt);
  auto salt = SaltFromText(fields.UpTo('$').value_or(""));
  return MakePbkdf2(digest, rounds, std::move(salt), decode(fields.rest()));
}

}  // namespace

// Behind "$pbkdf2": ["-" digest] "$" (rounds | "i=" rounds [",l=" length]) "$" salt "$" hash
ParsedHash ParsePbkdf2Phc(string_view text) {
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

// Behind "pbkdf2_".
ParsedHash ParsePbkdf2Django(string_view text) {
  return ParsePbkdf2OfText(text, '$', &HashFromBase64);
}

// Behind "pbkdf2:".
ParsedHash ParsePbkdf2Werkzeug(string_view text) {
  return ParsePbkdf2OfText(text, ':', &HashFromHex);
}

// Behind "{PBKDF2": ["-" digest in capitals] "}" rounds "$" salt "$" hash, as passlib and OpenLDAP write it.
ParsedHash ParsePbkdf2Ldap(string_view text) {
  HashFields fields(text);
  const bool has_digest = fields.Skip("-");
  const string_view digest = fields.UpTo('}').value_or("");
  return ParsePbkdf2Phc((has_digest ? "-" : "") + base::AsciiLower(digest) + "$" +
                        std::string(fields.rest()));
}

}  // namespace crypto
