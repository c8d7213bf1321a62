// Texts that claim to be password hashes: what is taken is within its bounds and taken again as it is
// stored.
#include "crypto/passwords/foreign_hash.h"
#include "fuzz.h"

namespace fuzz {

namespace {

bool IsWithinBounds(const crypto::Bcrypt& hash) { return hash.crypt.size() == 60; }
bool IsWithinBounds(const crypto::Pbkdf2& hash) {
  return hash.rounds > 0 && hash.rounds <= crypto::kMaxPbkdf2Rounds && !hash.salt.empty() &&
         hash.salt.size() <= 64 && hash.hash.size() >= 16 && hash.hash.size() <= 64;
}
bool IsWithinBounds(const crypto::Scrypt& hash) {
  return hash.n > 1 && hash.r > 0 && hash.p > 0 && hash.n * hash.r <= crypto::kMaxScryptMemory &&
         hash.n * hash.r * hash.p <= crypto::kMaxScryptWork && hash.salt.size() <= 64 &&
         hash.hash.size() >= 16 && hash.hash.size() <= 64;
}
bool IsWithinBounds(const crypto::OtherArgon2& hash) {
  const auto& p = hash.hash.parameters;
  return p.memory_kib >= 8 * p.lanes &&
         std::uint64_t{p.memory_kib} * p.passes <= crypto::kMaxArgon2Work;
}

}  // namespace

std::vector<std::string> Seeds() {
  return {
      "$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.",
      "bcrypt_sha256$$2b$05$abcdefghijklmnopqrstuuGcuILa2E37uJs3NexF6McyNsliG6nJW",
      "$pbkdf2-sha256$i=29000,l=32$EBESExQVFhcYGRobHB0eHw$52vJlomN6wbiITe538SRFjpo9jL9a.pU4Luq.gdp."
      "ic",
      "pbkdf2_sha1$1000$Qx3n1nWm5XkU$GdsWWHctoxbhJp93V2kFQoftSxw=",
      "pbkdf2:sha512:1000$salt$0bd383dea5564b7045ef721d54a8fa79b720b66a63c2a5bec837d9b1a3f917a0",
      "$scrypt$ln=14,r=8,p=1$EBESExQVFhcYGRobHB0eHw$H25zc1jOjX8CcU6mloBEuYcbYX/P9dRAT0qJDNk4ZCI",
      "scrypt$16384$Qx3n1nWm5XkU$8$5$9c6f9jFt9jF5E3HKJiIG7K4ZGAPjw6givFfUYta0HOA=",
      "scrypt:16384:8:1$salt$9d27215e79f93da6b7dbeeb675e60f89bbf4bee0ae72b5cdf6297f31034a2a8b",
      "{PBKDF2-SHA256}29000$EBESExQVFhcYGRobHB0eHw$52vJlomN6wbiITe538SRFjpo9jL9a.pU4Luq.gdp.ic",
      "{CRYPT}$2b$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.",
      "{argon2}$argon2id$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA==$"
      "avUvXNtnn/GNZVscoS8F6XVDSn5QnlrimsKMNNw4iI8=",
      "argon2$argon2i$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
      "YJGAvKj5qMsNSKiRbHeobQaeGOmGgkv8kvHffzL9ZpY"};
}

void FuzzOne(std::string_view bytes) {
  if (const auto hash = crypto::ParseForeignHash(bytes); hash.ok()) {
    Require(std::visit([](const auto& of) { return IsWithinBounds(of); }, *hash),
            "costs are bounded");
  }
  if (const auto taken = crypto::CheckImportedHash(bytes, crypto::WeakHashes::kTaken); taken.ok()) {
    const auto again = crypto::CheckImportedHash(taken->stored, crypto::WeakHashes::kTaken);
    Require(again.ok() && again->stored == taken->stored, "what is stored is taken as it is");
  }
}

}  // namespace fuzz
