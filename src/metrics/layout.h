// Where each counter lies in the section of shared memory that all children count in
// (shm/shared_table.h). Internal to this module.
//
//   section := name{kRoutes} child{*}                                all in 64-bit words; zeros are empty
//   name    := hash text{56 bytes}
//   child   := hash text{24 bytes} gauge{12} count{48} queue route{kRoutes}
//   queue   := histogram
//   route   := count of each status class{4} histogram
//   histogram := bucket{kBuckets} sum of microseconds
//
// A name is claimed by a compare-and-swap of its hash, which is never 0; the text follows, the same
// whoever writes it, so it does not matter who is first. A reader takes a name for there when its text has
// the hash. Routes and children are found by name, so that programs of different releases, whose tables of
// addresses differ, may count beside each other.
#pragma once

#include <cstddef>

#include "metrics/histogram.h"

namespace metrics {

inline constexpr std::size_t kRoutes = 64;
inline constexpr std::size_t kRouteNameWords = 8;
inline constexpr std::size_t kChildNameWords = 4;
inline constexpr std::size_t kGaugeWords = 12;
inline constexpr std::size_t kCountWords = 48;
inline constexpr std::size_t kHistogramWords = kBuckets + 1;
inline constexpr std::size_t kClasses = 4;  // 2xx, 3xx, 4xx, 5xx
inline constexpr std::size_t kRouteWords = kClasses + kHistogramWords;

inline constexpr std::size_t kChildrenAt = kRoutes * kRouteNameWords;
inline constexpr std::size_t kGaugesAt = kChildNameWords;
inline constexpr std::size_t kCountsAt = kGaugesAt + kGaugeWords;
inline constexpr std::size_t kQueueAt = kCountsAt + kCountWords;
inline constexpr std::size_t kRoutesAt = kQueueAt + kHistogramWords;
inline constexpr std::size_t kChildWords = kRoutesAt + kRoutes * kRouteWords;

}  // namespace metrics
