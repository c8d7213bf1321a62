#include "client/histogram.h"

#include <algorithm>

namespace load {

void Histogram::Add(std::uint64_t micros) {
  ++buckets_[BucketOf(micros)];
  ++count_;
  longest_ = std::max(longest_, micros);
}

void Histogram::Merge(const Histogram& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  longest_ = std::max(longest_, other.longest_);
}

std::uint64_t Histogram::Quantile(double share) const {
  const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen > wanted) return std::min(UpperEndOf(i), longest_);
  }
  return longest_;
}

// Below 64 a bucket is one value. Above, the power of two chooses the row and the six bits after
// the leading one the bucket in it.
std::size_t Histogram::BucketOf(std::uint64_t micros) {
  if (micros < kPerPower) return static_cast<std::size_t>(micros);
  const auto shift = static_cast<unsigned>(std::bit_width(micros)) - 1 - kBits;
  return (shift + 1) * kPerPower + static_cast<std::size_t>((micros >> shift) & (kPerPower - 1));
}

std::uint64_t Histogram::UpperEndOf(std::size_t bucket) {
  if (bucket < kPerPower) return bucket;
  const std::size_t shift = bucket / kPerPower - 1;
  return ((std::uint64_t{kPerPower} + bucket % kPerPower + 1) << shift) - 1;
}

}  // namespace load
