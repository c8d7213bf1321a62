// Text looked at eight bytes at a time, each byte of a word in a lane of its own. Pure functions,
// thread-safe.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace base::eight_bytes {

// The first byte in the lowest lane.
static_assert(std::endian::native == std::endian::little);

inline constexpr std::size_t kCount = 8;
inline constexpr std::uint64_t kHighBits = 0x8080808080808080ULL;

// The byte in each lane.
constexpr std::uint64_t Each(std::uint8_t byte) { return 0x0101010101010101ULL * byte; }

// text[0] to text[7]; the first is in the lowest lane.
inline std::uint64_t Load(const char* text) {
  std::uint64_t word = 0;
  std::memcpy(&word, text, kCount);
  return word;
}

// The high bit of each lane below `bound`, which is at most 0x80. A borrow may mark lanes above a
// marked one: the lowest mark is right, and so is that there is none.
constexpr std::uint64_t Below(std::uint64_t word, std::uint8_t bound) {
  return (word - Each(bound)) & ~word & kHighBits;
}

// The same of each lane that is `byte`.
constexpr std::uint64_t Is(std::uint64_t word, std::uint8_t byte) {
  return Below(word ^ Each(byte), 1);
}

}  // namespace base::eight_bytes
