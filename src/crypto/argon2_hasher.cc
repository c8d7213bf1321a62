#include "crypto/argon2_hasher.h"

#include <argon2.h>
#include <openssl/crypto.h>
#include <sys/mman.h>

#include <optional>

#include "base/bytes.h"

namespace crypto {

namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;

// malloc would keep these megabytes in the heap after the second hash (its threshold for mapping
// grows with what is freed).
int MapMemory(std::uint8_t** memory, std::size_t bytes) {
  void* mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return ARGON2_MEMORY_ALLOCATION_ERROR;
  *memory = static_cast<std::uint8_t*>(mapped);
  return ARGON2_OK;
}

void UnmapMemory(std::uint8_t* memory, std::size_t bytes) { munmap(memory, bytes); }

std::uint8_t* Bytes(std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); }

// The hash of a password, or libargon2's error. libargon2 reads password and salt without changing
// them.
base::Result<std::string> Compute(std::string_view password, std::string salt,
                                  const Argon2Parameters& parameters, std::size_t hash_bytes) {
  std::string secret(password);
  std::string hash(hash_bytes, '\0');
  argon2_context context{};
  context.out = Bytes(hash);
  context.outlen = static_cast<std::uint32_t>(hash.size());
  context.pwd = Bytes(secret);
  context.pwdlen = static_cast<std::uint32_t>(secret.size());
  context.salt = Bytes(salt);
  context.saltlen = static_cast<std::uint32_t>(salt.size());
  context.t_cost = parameters.passes;
  context.m_cost = parameters.memory_kib;
  context.lanes = parameters.lanes;
  context.threads = 1;
  context.version = ARGON2_VERSION_13;
  context.allocate_cbk = MapMemory;
  context.free_cbk = UnmapMemory;
  const int error = argon2id_ctx(&context);
  OPENSSL_cleanse(secret.data(), secret.size());
  if (error == ARGON2_OK) return hash;
  return base::Status(
      error == ARGON2_MEMORY_ALLOCATION_ERROR ? base::Code::kUnavailable : base::Code::kInternal,
      std::string("Argon2id: ") + argon2_error_message(error));
}

}  // namespace

Argon2Hasher::Argon2Hasher(oauth::Random& random, std::uint32_t memory_kib, std::uint32_t passes)
    : random_(random), parameters_{.memory_kib = memory_kib, .passes = passes, .lanes = 1} {}

base::Result<std::string> Argon2Hasher::Hash(std::string_view password) {
  if (password.empty() || password.size() > kMaxPasswordBytes) {
    return base::Status(base::Code::kInvalid, "a password has 1 to 1024 bytes");
  }
  std::string salt(kSaltBytes, '\0');
  random_.Fill({Bytes(salt), salt.size()});
  auto hash = Compute(password, salt, parameters_, kHashBytes);
  if (!hash.ok()) return hash.error();
  return EncodePhc({.parameters = parameters_, .salt = std::move(salt), .hash = std::move(*hash)});
}

bool Argon2Hasher::Verify(std::string_view password, std::string_view password_hash) {
  const auto stored = ParsePhc(password_hash);
  const bool can_match = stored && !password.empty() && password.size() <= kMaxPasswordBytes;
  if (!can_match) {
    // The same work for nothing, so that the time does not tell whether there is such an account.
    const auto unused = Compute(password.substr(0, kMaxPasswordBytes),
                                std::string(kSaltBytes, '\0'), parameters_, kHashBytes);
    static_cast<void>(unused.ok());
    return false;
  }
  const auto hash = Compute(password, stored->salt, stored->parameters, stored->hash.size());
  return hash.ok() && CRYPTO_memcmp(hash->data(), stored->hash.data(), hash->size()) == 0;
}

}  // namespace crypto
