#include "crypto/passwords/hash_fields.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"

namespace crypto {

namespace {

constexpr std::size_t kMaxDigits = 10;

std::optional<std::string> Within(std::optional<std::string> bytes, std::size_t least,
                                  std::size_t most) {
  if (!bytes || bytes->size() < least || bytes->size() > most) return std::nullopt;
  return bytes;
}

// The standard alphabet, with passlib's . for +.
std::optional<std::string> Base64(std::string_view text) {
  std::string standard(text);
  std::replace(standard.begin(), standard.end(), '.', '+');
  return base::Base64Decode(standard);
}

}  // namespace

bool HashFields::Skip(std::string_view expected) {
  if (!rest_.starts_with(expected)) return false;
  rest_.remove_prefix(expected.size());
  return true;
}

std::optional<std::uint64_t> HashFields::Number() {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
  const auto digits = static_cast<std::size_t>(end - rest_.data());
  if (error != std::errc() || digits > kMaxDigits || rest_.front() == '0') return std::nullopt;
  rest_.remove_prefix(digits);
  return value;
}

std::optional<std::string_view> HashFields::UpTo(char mark) {
  const std::size_t end = rest_.find(mark);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view field = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  return field;
}

std::optional<std::string> SaltFromText(std::string_view text) {
  return Within(std::string(text), 1, kMaxSaltBytes);
}

std::optional<std::string> SaltFromBase64(std::string_view text) {
  return Within(Base64(text), 1, kMaxSaltBytes);
}

std::optional<std::string> HashFromBase64(std::string_view text) {
  return Within(Base64(text), kLeastHashBytes, kMostHashBytes);
}

std::optional<std::string> HashFromHex(std::string_view text) {
  if (text.size() % 2 != 0 || text.size() > 2 * kMostHashBytes) return std::nullopt;
  std::string bytes(text.size() / 2, '\0');
  auto* const out = reinterpret_cast<std::uint8_t*>(bytes.data());
  if (!base::HexDecodeInto(text, {out, bytes.size()})) return std::nullopt;
  return Within(std::move(bytes), kLeastHashBytes, kMostHashBytes);
}

}  // namespace crypto
