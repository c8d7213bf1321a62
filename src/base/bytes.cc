#include "base/bytes.h"

namespace base {

namespace {

constexpr std::string_view kUrlAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kBad = 0xff;

constexpr std::array<std::uint8_t, 256> MakeReverse(char c62, char c63) {
  std::array<std::uint8_t, 256> table{};
  table.fill(kBad);
  for (std::size_t i = 0; i < 62; ++i) {
    table[static_cast<unsigned char>(kUrlAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  table[static_cast<unsigned char>(c62)] = 62;
  table[static_cast<unsigned char>(c63)] = 63;
  return table;
}

constexpr auto kUrlReverse = MakeReverse('-', '_');
constexpr auto kStandardReverse = MakeReverse('+', '/');

// Decodes unpadded text of either alphabet. out must hold text.size() * 3 / 4 bytes.
bool DecodeInto(std::string_view text, const std::array<std::uint8_t, 256>& reverse,
                std::uint8_t* out) {
  if (text.size() % 4 == 1) return false;
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (const char c : text) {
    const std::uint8_t value = reverse[static_cast<unsigned char>(c)];
    if (value == kBad) return false;
    bits = (bits << 6) | value;
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      *out++ = static_cast<std::uint8_t>(bits >> bit_count);
    }
  }
  return (bits & ((1U << bit_count) - 1U)) == 0;
}

constexpr std::size_t DecodedSize(std::size_t text_size) { return text_size * 3 / 4; }

std::optional<std::string> Decode(std::string_view text,
                                  const std::array<std::uint8_t, 256>& reverse) {
  std::string out(DecodedSize(text.size()), '\0');
  if (!DecodeInto(text, reverse, reinterpret_cast<std::uint8_t*>(out.data()))) return std::nullopt;
  return out;
}

}  // namespace

void AppendBase64Url(ByteView bytes, std::string* out) {
  out->reserve(out->size() + (bytes.size() * 4 + 2) / 3);
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (const std::uint8_t byte : bytes) {
    bits = (bits << 8) | byte;
    bit_count += 8;
    while (bit_count >= 6) {
      bit_count -= 6;
      out->push_back(kUrlAlphabet[(bits >> bit_count) & 63U]);
    }
  }
  if (bit_count > 0) out->push_back(kUrlAlphabet[(bits << (6 - bit_count)) & 63U]);
}

std::string Base64UrlEncode(ByteView bytes) {
  std::string out;
  AppendBase64Url(bytes, &out);
  return out;
}

std::optional<std::string> Base64UrlDecode(std::string_view text) {
  return Decode(text, kUrlReverse);
}

bool Base64UrlDecodeInto(std::string_view text, std::span<std::uint8_t> out) {
  return text.size() == (out.size() * 4 + 2) / 3 && DecodeInto(text, kUrlReverse, out.data());
}

std::optional<std::string> Base64Decode(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  return Decode(text, kStandardReverse);
}

std::string HexEncode(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out.push_back(kDigits[byte >> 4U]);
    out.push_back(kDigits[byte & 15U]);
  }
  return out;
}

namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

bool HexDecodeInto(std::string_view text, std::span<std::uint8_t> out) {
  if (text.size() != out.size() * 2) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = HexValue(text[2 * i]);
    const int low = HexValue(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

std::string UuidText(const IdBytes& bytes) {
  const std::string hex = HexEncode(bytes);
  return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' +
         hex.substr(16, 4) + '-' + hex.substr(20);
}

std::optional<IdBytes> ParseUuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::string hex;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash_place = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash_place != (text[i] == '-')) return std::nullopt;
    if (!is_dash_place) hex.push_back(text[i]);
  }
  IdBytes bytes{};
  if (!HexDecodeInto(hex, bytes)) return std::nullopt;
  return bytes;
}

std::uint64_t Hash64(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  hash ^= hash >> 32;
  hash *= 0xd6e8feb86659fd93ULL;
  return hash ^ (hash >> 32);
}

}  // namespace base
