// HMAC-SHA-256 (RFC 2104) and what is built on it, HKDF (RFC 5869). Internal to this module.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "crypto/openssl.h"
#include "records/ids.h"

namespace crypto {

// Keeps the state that the key leads to. Not thread-safe.
class HmacSha256 {
 public:
  explicit HmacSha256(base::ByteView key);
  records::Sha256 Of(base::ByteView message);

  // A message in pieces: Begin, Add as often as needed, End.
  void Begin();
  void Add(base::ByteView piece);
  records::Sha256 End();

 private:
  MacContext context_;
};

// Fills `out` (at most 255 * 32 bytes). An empty salt stands for 32 zero bytes (RFC 5869 §2.2).
// Thread-safe.
void HkdfSha256(base::ByteView key, base::ByteView salt, base::ByteView info,
                std::span<std::uint8_t> out);

}  // namespace crypto
