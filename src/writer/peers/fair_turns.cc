#include "writer/peers/fair_turns.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "records/tenant.h"

namespace writer {

namespace {

using Flow = std::vector<std::size_t>;  // indices, oldest first

// In the order in which each flow's oldest record came.
std::vector<Flow> FlowsOf(std::span<const QueuedRecord> queue) {
  std::vector<Flow> flows;
  std::map<std::pair<std::uint64_t, records::OrganizationId>, std::size_t> places;
  for (std::size_t i = 0; i < queue.size(); ++i) {
    const auto [place, is_new] =
        places.try_emplace({queue[i].peer, records::TenantOf(queue[i].write)}, flows.size());
    if (is_new) flows.emplace_back();
    flows[place->second].push_back(i);
  }
  return flows;
}

}  // namespace

std::vector<std::size_t> FairTurns(std::span<const QueuedRecord> queue, std::size_t most) {
  std::vector<std::size_t> turns;
  if (queue.size() <= most) {
    turns.resize(queue.size());
    std::iota(turns.begin(), turns.end(), std::size_t{0});
    return turns;
  }
  turns.reserve(most);
  std::vector<Flow> flows = FlowsOf(queue);
  for (std::size_t round = 0; turns.size() < most; ++round) {
    std::erase_if(flows, [round](const Flow& flow) { return flow.size() <= round; });
    for (const Flow& flow : flows) {
      if (turns.size() < most) turns.push_back(flow[round]);
    }
  }
  return turns;
}

}  // namespace writer
