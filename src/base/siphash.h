// SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012): a 64-bit hash under
// a secret key. Who does not know the key can find no two texts of one hash, nor a text of a given
// one; so it is what keys of tables in memory are made with where strangers choose the texts. Not for
// what must hold against 2^64 work, such as passwords or tokens. Pure functions, thread-safe.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace base {

struct SipKey {
  std::uint64_t k0 = 0, k1 = 0;
};

namespace siphash_internal {

struct State {
  std::uint64_t v0, v1, v2, v3;

  constexpr void Round() {
    v0 += v1, v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0, v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1, v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2, v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }
  constexpr void Take(std::uint64_t word) {
    v3 ^= word;
    Round();
    Round();
    v0 ^= word;
  }
};

// The bytes as the algorithm reads them: least significant first (as every machine we build for has them).
static_assert(std::endian::native == std::endian::little);
inline std::uint64_t WordOf(const char* bytes, std::size_t count) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, count);
  return word;
}

}  // namespace siphash_internal

inline std::uint64_t SipHash24(const SipKey& key, std::string_view text) {
  // "somepseudorandomlygeneratedbytes"
  siphash_internal::State state{.v0 = key.k0 ^ 0x736f6d6570736575ULL,
                                .v1 = key.k1 ^ 0x646f72616e646f6dULL,
                                .v2 = key.k0 ^ 0x6c7967656e657261ULL,
                                .v3 = key.k1 ^ 0x7465646279746573ULL};
  const std::size_t whole = text.size() & ~std::size_t{7};
  for (std::size_t i = 0; i < whole; i += 8) {
    state.Take(siphash_internal::WordOf(text.data() + i, 8));
  }
  // The last word: what is left of the text, and its length modulo 256 in the highest byte.
  std::uint64_t last = static_cast<std::uint64_t>(text.size()) << 56U;
  if (text.size() > whole) {
    last |= siphash_internal::WordOf(text.data() + whole, text.size() - whole);
  }
  state.Take(last);
  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) state.Round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace base
