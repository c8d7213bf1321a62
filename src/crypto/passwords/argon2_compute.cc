#include "crypto/passwords/argon2_compute.h"

#include <argon2.h>
#include <openssl/crypto.h>
#include <sys/mman.h>

namespace crypto {

namespace {

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

int Run(Argon2Variant variant, argon2_context* context) {
  switch (variant) {
    case Argon2Variant::kArgon2id:
      return argon2id_ctx(context);
    case Argon2Variant::kArgon2i:
      return argon2i_ctx(context);
    case Argon2Variant::kArgon2d:
      return argon2d_ctx(context);
  }
  return ARGON2_INCORRECT_TYPE;
}

}  // namespace

// libargon2 reads password and salt without changing them.
base::Result<std::string> ComputeArgon2(Argon2Variant variant, std::string_view password,
                                        std::string salt, const Argon2Parameters& parameters,
                                        std::size_t hash_bytes) {
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
  const int error = Run(variant, &context);
  OPENSSL_cleanse(secret.data(), secret.size());
  if (error == ARGON2_OK) return hash;
  return base::Status(
      error == ARGON2_MEMORY_ALLOCATION_ERROR ? base::Code::kUnavailable : base::Code::kInternal,
      std::string("Argon2: ") + argon2_error_message(error));
}

}  // namespace crypto
