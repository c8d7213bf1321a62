// Reading the text of a password hash from the left, field by field. Internal to crypto/passwords/.
// Not thread-safe: a cursor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace crypto {

class HashFields {
 public:
  explicit HashFields(std::string_view text) : rest_(text) {}

  // true where the text goes on with `expected`, which is then behind us.
  bool Skip(std::string_view expected);
  // Decimal digits without a leading zero, up to 10 of them; nullopt where there are none.
  std::optional<std::uint64_t> Number();
  // Up to `mark`, which is then behind us; nullopt where there is no such mark.
  std::optional<std::string_view> UpTo(char mark);
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

inline constexpr std::size_t kMaxSaltBytes = 64;
inline constexpr std::size_t kLeastHashBytes = 16;
inline constexpr std::size_t kMostHashBytes = 64;

// nullopt: not this encoding, or not of 1 to 64 bytes (a hash: 16 to 64).
std::optional<std::string> SaltFromText(std::string_view text);
std::optional<std::string> SaltFromBase64(std::string_view text);
std::optional<std::string> HashFromBase64(std::string_view text);  // . stands for + too
std::optional<std::string> HashFromHex(std::string_view text);

}  // namespace crypto
