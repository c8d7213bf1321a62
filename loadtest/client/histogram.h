// Counts of durations in buckets about 1.6 % wide: 64 to each power of two. Values are
// microseconds. Not thread-safe: one for each thread, merged at the end.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace load {

class Histogram {
 public:
  void Add(std::uint64_t micros);
  void Merge(const Histogram& other);

  std::uint64_t count() const { return count_; }
  std::uint64_t longest() const { return longest_; }
  // The smallest bucket's upper end that `share` (0 to 1) of the values do not exceed; 0 when
  // empty.
  std::uint64_t Quantile(double share) const;

 private:
  static constexpr unsigned kBits = 6;
  static constexpr std::size_t kPerPower = std::size_t{1} << kBits;
  static constexpr std::size_t kBuckets = (64 - kBits + 1) * kPerPower;

  static std::size_t BucketOf(std::uint64_t micros);
  static std::uint64_t UpperEndOf(std::size_t bucket);

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t longest_ = 0;
};

}  // namespace load
