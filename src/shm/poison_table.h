// Requests that a child died of, and the networks that sent them: nobody takes such a request up
// again, and its network is answered nothing for a while. Why: docs/security.md "A poisonous request".
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/clock.h"
#include "base/id.h"
#include "base/network.h"
#include "base/siphash.h"

namespace shm {

// Over words of shared memory, which must outlive it; zeros are an empty table. Thread-safe and
// process-safe: parents of pools note, children ask. It holds keyed hashes alone. Nothing fails:
// where all places are taken the oldest entry goes.
class PoisonTable {
 public:
  static constexpr std::size_t kPlaces = 1024;  // for requests, and as many for networks
  static constexpr std::size_t kWords = 8 + 3 * kPlaces;
  // The first death shuts a network out for kFirst; each further one for twice as long as the one
  // before, at most kLongest. A network that nobody died of for kForgotten begins anew.
  static constexpr base::seconds kFirst{10};
  static constexpr base::seconds kLongest{600};
  static constexpr base::seconds kForgotten{3600};
  // A request is refused for so long: nginx sends it again within 15 s, or never.
  static constexpr base::seconds kRequestKept{60};

  // words.size(): kWords. `boot`: what an earlier boot left is forgotten, its clock was another.
  PoisonTable(std::span<std::uint64_t> words, std::uint64_t boot);

  // A child died of the request. For how long its network is shut out from now; 0: it has none.
  base::seconds Note(const base::IdBytes& request, const base::Network& network,
                     base::milliseconds now_since_boot);

  // Nothing would be refused now. As long as no child died of a request it is one load to know.
  bool IsQuiet(const base::Clock& clock) const;
  bool IsPoisonous(const base::IdBytes& request) const;
  // How much longer the network is shut out; 0: it is not.
  base::milliseconds ShutOutFor(const base::Network& network,
                                base::milliseconds now_since_boot) const;

 private:
  std::uint64_t KeyOf(const base::IdBytes& request) const;
  std::uint64_t KeyOf(const base::Network& network) const;
  std::size_t PlaceFor(std::uint64_t network_key);
  void StayAwakeUntil(base::milliseconds end);

  std::span<std::uint64_t> words_;
  base::SipKey key_;
};

}  // namespace shm
