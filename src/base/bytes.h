// Text forms of bytes. Pure functions, thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"

namespace base {

using ByteView = std::span<const std::uint8_t>;

inline ByteView AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view AsText(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// base64url without padding (RFC 4648 §5, RFC 7515 appendix C).
std::string Base64UrlEncode(ByteView bytes);
void AppendBase64Url(ByteView bytes, std::string* out);
// Strict: no padding, no white space, no stray bits in the last character. nullopt otherwise.
std::optional<std::string> Base64UrlDecode(std::string_view text);
// Decodes exactly out.size() bytes; false if text is not their exact encoding.
bool Base64UrlDecodeInto(std::string_view text, std::span<std::uint8_t> out);
// Standard alphabet with padding (RFC 4648 §4), as HTTP Basic uses it; padding may be missing.
std::optional<std::string> Base64Decode(std::string_view text);

std::string HexEncode(ByteView bytes);  // lower case
bool HexDecodeInto(std::string_view text, std::span<std::uint8_t> out);

// 8-4-4-4-12 text form of a UUID (RFC 9562 §4), lower case; parsing takes either case.
std::string UuidText(const IdBytes& bytes);
std::optional<IdBytes> ParseUuid(std::string_view text);
template <class Tag>
std::string ToText(const Id<Tag>& id) {
  return UuidText(id.bytes);
}

// 64-bit hash of our own texts (FNV-1a with a final mix). What strangers choose: base/siphash.h.
std::uint64_t Hash64(std::string_view text, std::uint64_t seed = 0);

}  // namespace base
