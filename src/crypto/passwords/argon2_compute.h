// libargon2 with memory that is mapped for one hash and given back after it. Internal to this module.
// Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "crypto/passwords/phc.h"

namespace crypto {

enum class Argon2Variant : std::uint8_t { kArgon2id, kArgon2i, kArgon2d };

// The hash of a password, version 0x13. kUnavailable: no memory; kInternal: libargon2's error.
base::Result<std::string> ComputeArgon2(Argon2Variant variant, std::string_view password,
                                        std::string salt, const Argon2Parameters& parameters,
                                        std::size_t hash_bytes);

}  // namespace crypto
