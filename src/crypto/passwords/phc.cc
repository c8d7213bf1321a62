#include "crypto/passwords/phc.h"

#include <openssl/evp.h>

#include <charconv>

#include "base/bytes.h"

namespace crypto {

namespace {

constexpr std::size_t kMaxPhcBytes = 256;
constexpr std::uint32_t kMinMemoryKibPerLane = 8;  // RFC 9106 §3.1

std::string Base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   base::AsBytes(bytes).data(), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

bool Skip(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

constexpr std::size_t kMaxPadding = 2;

// Reads a number from 1 to `most`; 0 where there is none.
std::uint32_t TakeNumber(std::string_view& text, std::uint32_t most) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value > most) return 0;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::optional<std::string> TakeBytes(std::string_view text, std::size_t least, std::size_t most) {
  const std::size_t end = text.find_last_not_of('=') + 1;
  if (text.size() - end > kMaxPadding) return std::nullopt;
  auto bytes = base::Base64Decode(text);
  if (!bytes || bytes->size() < least || bytes->size() > most) return std::nullopt;
  return bytes;
}

}  // namespace

std::string EncodePhc(const Argon2Hash& hash) {
  const Argon2Parameters& p = hash.parameters;
  return "$argon2id$v=19$m=" + std::to_string(p.memory_kib) + ",t=" + std::to_string(p.passes) +
         ",p=" + std::to_string(p.lanes) + "$" + Base64(hash.salt) + "$" + Base64(hash.hash);
}

std::optional<Argon2Hash> ParsePhc(std::string_view text) {
  if (text.size() > kMaxPhcBytes) return std::nullopt;
  Argon2Hash result;
  Argon2Parameters& p = result.parameters;
  if (!Skip(text, "$argon2id$v=19$m=")) return std::nullopt;
  p.memory_kib = TakeNumber(text, kMaxMemoryKib);
  if (p.memory_kib == 0 || !Skip(text, ",t=")) return std::nullopt;
  p.passes = TakeNumber(text, kMaxPasses);
  if (p.passes == 0 || !Skip(text, ",p=")) return std::nullopt;
  p.lanes = TakeNumber(text, kMaxLanes);
  if (p.lanes == 0 || p.memory_kib < kMinMemoryKibPerLane * p.lanes || !Skip(text, "$")) {
    return std::nullopt;
  }
  const std::size_t dollar = text.find('$');
  if (dollar == std::string_view::npos) return std::nullopt;
  auto salt = TakeBytes(text.substr(0, dollar), 8, 64);
  auto hash = TakeBytes(text.substr(dollar + 1), 16, 64);
  if (!salt || !hash) return std::nullopt;
  result.salt = std::move(*salt);
  result.hash = std::move(*hash);
  return result;
}

}  // namespace crypto
