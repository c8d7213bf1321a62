// Buckets of 64-bit slots in shared memory: the arithmetic that both tables share. A key's hash
// picks the bucket by its low bits and gives the slot's tag from its high bits; a slot is one word,
// so each change is one compare-and-swap and no process ever sees, or dies leaving, half of one.
// Internal to this module.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace shm {

// Final mix of MurmurHash3: spreads a key, and with it the seed, over all 64 bits.
constexpr std::uint64_t Mix(std::uint64_t x) {
  x ^= x >> 33U;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33U;
  x *= 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33U);
}

// The bucket of `hash`; words.size() and bucket_words are powers of two.
inline std::span<std::uint64_t> BucketOf(std::span<std::uint64_t> words, std::size_t bucket_words,
                                         std::uint64_t hash) {
  const std::size_t buckets = words.size() / bucket_words;
  return words.subspan((static_cast<std::size_t>(hash) & (buckets - 1)) * bucket_words,
                       bucket_words);
}

inline std::uint64_t Load(std::uint64_t& word) {
  return std::atomic_ref(word).load(std::memory_order_seq_cst);
}

// true: `word` was `expected` and is `desired` now.
inline bool Swap(std::uint64_t& word, std::uint64_t expected, std::uint64_t desired) {
  return std::atomic_ref(word).compare_exchange_strong(expected, desired,
                                                       std::memory_order_seq_cst);
}

// The word as whoever came first drew it. Never 0, which is a word that nobody drew: `draw` is asked again.
template <class Draw>
std::uint64_t DrawnOnce(std::uint64_t& word, const Draw& draw) {
  while (Load(word) == 0) Swap(word, 0, draw());
  return Load(word);
}

static_assert(std::atomic_ref<std::uint64_t>::is_always_lock_free);

}  // namespace shm
