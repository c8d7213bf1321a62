// Selector and verifier: a secret that clients hold is its row's id and 32 random bytes, 64
// characters of base64url. One lookup finds the row by a key that grows at the end; the verifier is
// compared with the stored SHA-256 in constant time. Device codes, refresh tokens, session cookies
// and password links are such tokens.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/id.h"
#include "domain/ports/hashes.h"

namespace domain {

using Secret = std::array<std::uint8_t, 32>;

inline constexpr std::size_t kSplitTokenBytes = 16 + 32;
inline constexpr std::size_t kSplitTokenCharacters = 64;

template <class Tag>
struct SplitToken {
  base::Id<Tag> id;
  Secret secret{};
};

template <class Tag>
std::string EncodeSplitToken(const base::Id<Tag>& id, const Secret& secret) {
  std::array<std::uint8_t, kSplitTokenBytes> bytes{};
  std::copy(id.bytes.begin(), id.bytes.end(), bytes.begin());
  std::copy(secret.begin(), secret.end(), bytes.begin() + id.bytes.size());
  return base::Base64UrlEncode(bytes);
}

// nullopt: none at all (wrong length or alphabet).
template <class Tag>
std::optional<SplitToken<Tag>> DecodeSplitToken(std::string_view text) {
  std::array<std::uint8_t, kSplitTokenBytes> bytes{};
  if (!base::Base64UrlDecodeInto(text, bytes)) return std::nullopt;
  SplitToken<Tag> token;
  std::copy_n(bytes.begin(), token.id.bytes.size(), token.id.bytes.begin());
  std::copy_n(bytes.begin() + token.id.bytes.size(), token.secret.size(), token.secret.begin());
  return token;
}

// Whether the token's secret is the one whose SHA-256 its row keeps.
template <class Tag>
bool HoldsSecret(const SplitToken<Tag>& token, const records::Sha256& secret_hash,
                 const Hashes& hashes) {
  return hashes.Equal(hashes.Sha256(token.secret), secret_hash);
}

}  // namespace domain
