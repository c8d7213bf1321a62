// Durations in a few buckets, by which any number of processes can count without meeting, and what
// such counts say. Pure. Source: the Prometheus data model, "histogram".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace metrics {

// Upper bounds in microseconds, inclusive; one bucket more has what is longer.
inline constexpr std::array<std::uint64_t, 16> kBucketMicros{
    50,    100,   250,    500,    1000,   2500,    5000,    10000,
    25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000};
inline constexpr std::size_t kBuckets = kBucketMicros.size() + 1;

// Counts of each bucket alone, not of all below it.
using Buckets = std::array<std::uint64_t, kBuckets>;

constexpr std::size_t BucketOf(std::uint64_t micros) {
  std::size_t bucket = 0;
  while (bucket < kBucketMicros.size() && micros > kBucketMicros[bucket]) ++bucket;
  return bucket;
}

std::uint64_t CountOf(const Buckets& buckets);

// The duration, in microseconds, that the share `quantile` (0 to 1) of all did not exceed, taken as
// evenly spread within its bucket; 0 where nothing was counted. What lies beyond the last bound
// counts as the last bound.
std::uint64_t QuantileMicros(const Buckets& buckets, double quantile);

}  // namespace metrics
