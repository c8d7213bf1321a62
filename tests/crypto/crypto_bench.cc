// Times of the crypto module's operations, one thread: ninja crypto_bench && tests/crypto_bench
#include <stdlib.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>

#include "base/clock.h"
#include "crypto/crypto.h"
#include "crypto/passwords/foreign_hash.h"
#include "records/audit/audit.h"

namespace {

// Keeps results alive, so that nothing is optimized away.
class Bench {
 public:
  ~Bench() { std::printf("(%u)\n", sink_); }

  template <class Operation>
  void Time(const char* name, int count, Operation operation) {
    const std::int64_t start = base::MonotonicMicros();
    for (int i = 0; i < count; ++i) sink_ += static_cast<unsigned char>(operation());
    const double micros = static_cast<double>(base::MonotonicMicros() - start) / count;
    std::printf("%-44s %10.3f us %12.0f /s\n", name, micros, 1e6 / micros);
  }

 private:
  unsigned sink_ = 0;
};

void TimeHashes(Bench& bench, const crypto::MasterKey& key) {
  const crypto::OpenSslHashes hashes(key);
  const std::string token(700, 't');
  const base::ByteView bytes = base::AsBytes(token);
  bench.Time("SHA-256 of 700 bytes", 1'000'000, [&] { return hashes.Sha256(bytes)[0]; });
  bench.Time("SHA-256 of 32 bytes", 1'000'000, [&] { return hashes.Sha256(bytes.first(32))[0]; });
  bench.Time("HMAC of 48 bytes", 1'000'000, [&] { return hashes.Hmac(bytes.first(48))[0]; });
  bench.Time("Equal of 32 bytes", 1'000'000,
             [&] { return hashes.Equal(bytes.first(32), bytes.subspan(32, 32)); });
}

void TimeRandom(Bench& bench, crypto::SystemRandom& random) {
  bench.Time("32 random bytes", 1'000'000, [&] {
    std::array<std::uint8_t, 32> out{};
    random.Fill(out);
    return out[0];
  });
  const base::SystemClock clock;
  crypto::UuidV7Ids ids(clock, random);
  bench.Time("UUIDv7", 1'000'000, [&] { return ids.New()[15]; });
}

void TimeSignatures(Bench& bench, records::SigningAlgorithm algorithm, int count,
                    const crypto::MasterKey& master, crypto::SystemRandom& random) {
  const std::string name(records::ToText(algorithm));
  const auto made = crypto::GenerateSigningKey(algorithm, master, random);
  const auto key = crypto::SigningKey::Unwrap(algorithm, made->wrapped_private_key, master);
  const std::string input(600, 'i');
  const std::string signature = *key->Sign(input);
  bench.Time((name + " signature of 600 bytes").c_str(), count,
             [&] { return (*key->Sign(input))[0]; });
  bench.Time((name + " check, key read from DER").c_str(), count / 10, [&] {
    return crypto::VerifySignature(algorithm, made->public_key, input, signature);
  });
  bench.Time((name + " unwrap of the key").c_str(), 100, [&] {
    return crypto::SigningKey::Unwrap(algorithm, made->wrapped_private_key, master).ok();
  });
}

void TimePasswords(Bench& bench, crypto::SystemRandom& random) {
  crypto::Argon2Hasher hasher(random);
  const std::string hash = *hasher.Hash("correct horse");
  bench.Time("Argon2id, wrong password", 20, [&] { return hasher.Verify("wrong", hash); });
  bench.Time("Argon2id, no hash", 20, [&] { return hasher.Verify("wrong", ""); });
}

// The dearest of each kind that an import takes (crypto/passwords/foreign_hash.h).
void TimeForeignHashes(Bench& bench) {
  using crypto::VerifyForeign;
  const std::string salt(16, 's');
  const std::string hash(32, 'h');
  const crypto::Bcrypt bcrypt{.crypt =
                                  "$2b$14$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo."};
  bench.Time("bcrypt of cost 14", 2, [&] { return VerifyForeign("wrong", bcrypt); });
  for (const char* digest : {"SHA1", "SHA256", "SHA512"}) {
    const std::uint32_t blocks = std::string_view(digest) == "SHA1" ? 2 : 1;
    const crypto::Pbkdf2 pbkdf2{
        .digest = digest, .rounds = crypto::kMaxPbkdf2Rounds / blocks, .salt = salt, .hash = hash};
    bench.Time((std::string("PBKDF2, ") + digest).c_str(), 2,
               [&] { return VerifyForeign("wrong", pbkdf2); });
  }
  const crypto::Scrypt scrypt{.n = 1 << 18, .r = 8, .p = 2, .salt = salt, .hash = hash};
  bench.Time("scrypt, N 2^18, r 8, p 2", 2, [&] { return VerifyForeign("wrong", scrypt); });
  const crypto::Scrypt wide{.n = 1 << 7, .r = 1 << 15, .p = 1, .salt = salt, .hash = hash};
  bench.Time("scrypt, N 2^7, r 2^15, p 1", 2, [&] { return VerifyForeign("wrong", wide); });
  const crypto::OtherArgon2 argon2{
      .hash = {.parameters = {.memory_kib = 256 * 1024, .passes = 4, .lanes = 1},
               .salt = salt,
               .hash = hash}};
  bench.Time("Argon2i, 256 MiB, 4 passes", 2, [&] { return VerifyForeign("wrong", argon2); });
}

}  // namespace

int main() {
  std::string folder = "/tmp/crypto-bench-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) return 1;
  crypto::SystemRandom random;
  const auto key = crypto::MasterKey::Create(folder + "/master.key", random);
  std::filesystem::remove_all(folder);
  if (!key.ok()) return 1;
  Bench bench;
  TimeHashes(bench, *key);
  TimeRandom(bench, random);
  TimeSignatures(bench, records::SigningAlgorithm::kEs256, 50'000, *key, random);
  TimeSignatures(bench, records::SigningAlgorithm::kRs256, 2'000, *key, random);
  TimePasswords(bench, random);
  TimeForeignHashes(bench);
}
