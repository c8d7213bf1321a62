#include <cstdint>
#include <string>
#include <utility>

#include "crypto/passwords/foreign_forms.h"

namespace crypto {

namespace {

ParsedHash ParseOther(std::string_view rest, OtherArgon2::Variant variant) {
  auto hash = ParseArgon2id("$argon2id$" + std::string(rest));
  if (!hash.ok()) return hash.error();
  return ParsedHash(OtherArgon2{.variant = variant, .hash = std::move(*hash)});
}

}  // namespace

ParsedHash ParseArgon2i(std::string_view rest) {
  return ParseOther(rest, OtherArgon2::Variant::kArgon2i);
}

ParsedHash ParseArgon2d(std::string_view rest) {
  return ParseOther(rest, OtherArgon2::Variant::kArgon2d);
}

base::Result<Argon2Hash> ParseArgon2id(std::string_view text) {
  auto hash = ParsePhc(text);
  if (!hash) {
    return InvalidHash(
        "this Argon2 hash is damaged, of an older version, or asks for too much: v=19, m up to "
        "262144, t up to 16, p up to 8, salt of 8 to 64 bytes, hash of 16 to 64");
  }
  const Argon2Parameters& p = hash->parameters;
  if (std::uint64_t{p.memory_kib} * p.passes > kMaxArgon2Work) {
    return InvalidHash("Argon2 of " + std::to_string(p.memory_kib) + " KiB and " +
                       std::to_string(p.passes) + " passes: KiB × passes up to 2^20 are taken");
  }
  return std::move(*hash);
}

}  // namespace crypto
