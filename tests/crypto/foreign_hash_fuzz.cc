// Texts that claim to be password hashes: what is taken is within its bounds and taken again as it is
// stored. None is computed.
#include "crypto/passwords/foreign_hash.h"
#include "crypto/passwords/imported_hash.h"
#include "fuzz/fuzz.h"
#include "fuzz/grammar.h"

namespace fuzz {

namespace {

bool IsWithinBounds(const crypto::Bcrypt& hash) {
  const std::string cost = hash.crypt.substr(4, 2);
  return hash.crypt.size() == 60 && cost >= "04" && cost <= std::to_string(crypto::kMaxBcryptCost);
}
bool IsWithinBounds(const crypto::Pbkdf2& hash) {
  return hash.rounds > 0 && hash.rounds <= crypto::kMaxPbkdf2Rounds && !hash.salt.empty() &&
         hash.salt.size() <= 64 && hash.hash.size() >= 16 && hash.hash.size() <= 64;
}
bool IsWithinBounds(const crypto::Scrypt& hash) {
  // Each alone first: the product of three large ones is a small one.
  return hash.n > 1 && hash.r > 0 && hash.p > 0 && hash.n <= crypto::kMaxScryptMemory &&
         hash.r <= crypto::kMaxScryptMemory && hash.p <= crypto::kMaxScryptWork &&
         hash.n * hash.r <= crypto::kMaxScryptMemory &&
         hash.r * hash.p <= crypto::kMaxScryptBlocks &&
         hash.n * hash.r * hash.p <= crypto::kMaxScryptWork && (hash.n & (hash.n - 1)) == 0 &&
         hash.salt.size() <= 64 && hash.hash.size() >= 16 && hash.hash.size() <= 64;
}
bool IsWithinBounds(const crypto::OtherArgon2& hash) {
  const auto& p = hash.hash.parameters;
  return p.lanes > 0 && p.passes > 0 && p.memory_kib >= 8 * p.lanes &&
         std::uint64_t{p.memory_kib} * p.passes <= crypto::kMaxArgon2Work;
}

void CheckOurOwn(std::string_view bytes) {
  const auto hash = crypto::ParsePhc(bytes);
  if (!hash) return;
  const auto& p = hash->parameters;
  Require(p.memory_kib <= crypto::kMaxMemoryKib && p.passes <= crypto::kMaxPasses &&
              p.lanes <= crypto::kMaxLanes && p.passes > 0 && p.lanes > 0,
          "our own are bounded, too");
  const std::string again = crypto::EncodePhc(*hash);
  const auto same = crypto::ParsePhc(again);
  Require(same && crypto::EncodePhc(*same) == again, "and are read as they are written");
}

}  // namespace

std::string Grow(Random& random) { return ForeignHash(random); }

void FuzzOne(std::string_view bytes) {
  if (const auto hash = crypto::ParseForeignHash(bytes); hash.ok()) {
    Require(std::visit([](const auto& of) { return IsWithinBounds(of); }, *hash),
            "costs are bounded");
    Require(bytes.size() <= crypto::kMaxForeignHashBytes, "and so is the text");
  }
  if (const auto taken = crypto::CheckImportedHash(bytes, crypto::WeakHashes::kTaken); taken.ok()) {
    const auto again = crypto::CheckImportedHash(taken->stored, crypto::WeakHashes::kTaken);
    Require(again.ok() && again->stored == taken->stored, "what is stored is taken as it is");
    Require(again->scheme == taken->scheme, "under the same name");
  }
  CheckOurOwn(bytes);
}

}  // namespace fuzz
