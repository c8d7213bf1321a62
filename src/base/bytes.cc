#include "base/bytes.h"

#include <uuid/uuid.h>

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
  const auto value = [&](std::size_t i) -> std::uint32_t {
    return reverse[static_cast<unsigned char>(text[i])];
  };
  const auto is_bad = [](std::uint32_t any_of_them) { return any_of_them > 63; };
  const std::size_t whole = text.size() & ~std::size_t{3};
  for (std::size_t i = 0; i < whole; i += 4) {
    const std::uint32_t a = value(i), b = value(i + 1), c = value(i + 2), d = value(i + 3);
    if (is_bad(a | b | c | d)) return false;
    *out++ = static_cast<std::uint8_t>(a << 2 | b >> 4);
    *out++ = static_cast<std::uint8_t>(b << 4 | c >> 2);
    *out++ = static_cast<std::uint8_t>(c << 6 | d);
  }
  if (whole == text.size()) return true;
  // Two characters more, or three: what of the last one is no byte must be zero.
  const std::size_t left = text.size() - whole;
  const std::uint32_t a = value(whole), b = value(whole + 1), c = left == 3 ? value(whole + 2) : 0;
  if (is_bad(a | b | c)) return false;
  *out++ = static_cast<std::uint8_t>(a << 2 | b >> 4);
  if (left == 2) return (b & 15U) == 0;
  *out = static_cast<std::uint8_t>(b << 4 | c >> 2);
  return (c & 3U) == 0;
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
  const std::size_t before = out->size();
  out->resize(before + (bytes.size() * 4 + 2) / 3);
  char* to = out->data() + before;
  const auto put = [&to](std::uint32_t bits) { *to++ = kUrlAlphabet[bits & 63U]; };
  for (; bytes.size() >= 3; bytes = bytes.subspan(3)) {
    const std::uint32_t bits =
        std::uint32_t{bytes[0]} << 16 | std::uint32_t{bytes[1]} << 8 | bytes[2];
    put(bits >> 18);
    put(bits >> 12);
    put(bits >> 6);
    put(bits);
  }
  if (bytes.empty()) return;
  const std::uint32_t second = bytes.size() == 2 ? bytes[1] : 0;
  const std::uint32_t bits = std::uint32_t{bytes[0]} << 10 | second << 2;
  put(bits >> 12);
  put(bits >> 6);
  if (bytes.size() == 2) put(bits);
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

namespace {

// Writes two digits a byte; gives back where they end.
char* HexInto(ByteView bytes, char* out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::uint8_t byte : bytes) {
    *out++ = kDigits[byte >> 4U];
    *out++ = kDigits[byte & 15U];
  }
  return out;
}

constexpr std::array<std::uint8_t, 256> MakeHexReverse() {
  std::array<std::uint8_t, 256> table{};
  table.fill(kBad);
  for (unsigned i = 0; i < 10; ++i) table['0' + i] = static_cast<std::uint8_t>(i);
  for (unsigned i = 10; i < 16; ++i) {
    table['a' + i - 10] = table['A' + i - 10] = static_cast<std::uint8_t>(i);
  }
  return table;
}

constexpr auto kHexReverse = MakeHexReverse();

}  // namespace

std::string HexEncode(ByteView bytes) {
  std::string out(bytes.size() * 2, '\0');
  HexInto(bytes, out.data());
  return out;
}

bool HexDecodeInto(std::string_view text, std::span<std::uint8_t> out) {
  if (text.size() != out.size() * 2) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const unsigned high = kHexReverse[static_cast<unsigned char>(text[2 * i])];
    const unsigned low = kHexReverse[static_cast<unsigned char>(text[2 * i + 1])];
    if ((high | low) > 15) return false;
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

std::string UuidText(const IdBytes& bytes) {
  std::array<char, UUID_STR_LEN> text{};
  uuid_unparse_lower(bytes.data(), text.data());
  return text.data();
}

std::optional<IdBytes> ParseUuid(std::string_view text) {
  IdBytes bytes{};
  if (uuid_parse_range(text.data(), text.data() + text.size(), bytes.data()) != 0) {
    return std::nullopt;
  }
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
