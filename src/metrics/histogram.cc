#include "metrics/histogram.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace metrics {

std::uint64_t CountOf(const Buckets& buckets) {
  return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
}

std::uint64_t QuantileMicros(const Buckets& buckets, double quantile) {
  const std::uint64_t count = CountOf(buckets);
  if (count == 0) return 0;
  const double rank = std::clamp(quantile, 0.0, 1.0) * static_cast<double>(count);
  double below = 0;
  for (std::size_t i = 0; i < kBucketMicros.size(); ++i) {
    const auto here = static_cast<double>(buckets[i]);
    if (here > 0 && below + here >= rank) {
      const double from = i == 0 ? 0.0 : static_cast<double>(kBucketMicros[i - 1]);
      const double width = static_cast<double>(kBucketMicros[i]) - from;
      return static_cast<std::uint64_t>(std::llround(from + width * (rank - below) / here));
    }
    below += here;
  }
  return kBucketMicros.back();
}

}  // namespace metrics
