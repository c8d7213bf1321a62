#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "crypto/passwords/foreign_forms.h"
#include "crypto/passwords/hash_fields.h"

namespace crypto {

namespace {

using std::string_view;

struct ScryptCost {
  std::optional<std::uint64_t> n, r, p;
};

ParsedHash MakeScrypt(const ScryptCost& cost, std::optional<std::string> salt,
                      std::optional<std::string> hash) {
  if (!cost.n || !cost.r || !cost.p || !salt || !hash) {
    return InvalidHash(
        "this scrypt hash is damaged: N, r, p, salt (1 to 64 bytes) or hash (16 to 64)");
  }
  if (!std::has_single_bit(*cost.n) || *cost.n < 2)
    return InvalidHash("scrypt's N is a power of two");
  // Each factor is bounded first, so that no product runs over.
  const bool is_cheap = *cost.n <= kMaxScryptMemory && *cost.r <= kMaxScryptMemory &&
                        *cost.p <= kMaxScryptWork && *cost.n * *cost.r <= kMaxScryptMemory &&
                        *cost.r * *cost.p <= kMaxScryptBlocks &&
                        *cost.n * *cost.r * *cost.p <= kMaxScryptWork;
  if (!is_cheap) {
    return InvalidHash("scrypt of N " + std::to_string(*cost.n) + ", r " + std::to_string(*cost.r) +
                       ", p " + std::to_string(*cost.p) +
                       ": N × r up to 2^21 (256 MiB), N × r × p up to 2^22 and r × p up to 2^15 "
                       "are taken");
  }
  return ParsedHash(Scrypt{.n = *cost.n,
                           .r = *cost.r,
                           .p = *cost.p,
                           .salt = std::move(*salt),
                           .hash = std::move(*hash)});
}

}  // namespace

// Behind "$scrypt$": "ln=" log2(N) ",r=" r ",p=" p "$" salt "$" hash
ParsedHash ParseScryptPhc(string_view text) {
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
ParsedHash ParseScryptDjango(string_view text) {
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
ParsedHash ParseScryptWerkzeug(string_view text) {
  HashFields fields(text);
  ScryptCost cost;
  cost.n = fields.Number();
  if (fields.Skip(":")) cost.r = fields.Number();
  if (fields.Skip(":")) cost.p = fields.Number();
  if (!fields.Skip("$")) return MakeScrypt({}, std::nullopt, std::nullopt);
  auto salt = SaltFromText(fields.UpTo('$').value_or(""));
  return MakeScrypt(cost, std::move(salt), HashFromHex(fields.rest()));
}

}  // namespace crypto
