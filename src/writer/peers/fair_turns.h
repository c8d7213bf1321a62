// Which of the waiting records the next batch holds where not all of them fit: one of each flow in
// turn, a flow being what one peer sends for one organization, in the order in which it came. So an
// organization, or a child, that sends more than its share waits for itself alone. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "writer/peers/peer.h"

namespace writer {

// Indices into `queue`, `most` at most, each once; all of it in its own order where it fits.
std::vector<std::size_t> FairTurns(std::span<const QueuedRecord> queue, std::size_t most);

}  // namespace writer
