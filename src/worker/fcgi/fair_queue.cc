#include "worker/fcgi/fair_queue.h"

#include <algorithm>
#include <utility>

#include "base/network.h"

namespace worker {

std::string QueueNetwork(std::string_view address) {
  const base::Network network = base::NetworkOf(address);
  const auto site = base::SiteBytes(network);
  if (site.empty()) return "?" + std::string(address);
  return {site.begin(), site.end()};
}

void FairQueue::Push(std::string_view network, std::uint64_t tag) {
  ++size_;
  const Waiting waiting{.tag = tag, .came = ++came_};
  const auto flow = std::ranges::find(flows_, network, &Flow::network);
  if (flow == flows_.end()) {
    flows_.push_back({.network = std::string(network), .waiting = {waiting}});
  } else {
    flow->waiting.push_back(waiting);
  }
}

std::optional<std::uint64_t> FairQueue::Pop() {
  if (flows_.empty()) return std::nullopt;
  --size_;
  Flow& flow = flows_.front();
  const std::uint64_t tag = flow.waiting.front().tag;
  flow.waiting.pop_front();
  if (flow.waiting.empty()) {
    flows_.pop_front();
  } else {
    flows_.splice(flows_.end(), flows_, flows_.begin());
  }
  return tag;
}

std::optional<std::uint64_t> FairQueue::DropNewest() {
  if (flows_.empty()) return std::nullopt;
  --size_;
  const auto most = std::ranges::max_element(flows_, {}, [](const Flow& flow) {
    return std::pair(flow.waiting.size(), flow.waiting.back().came);
  });
  const std::uint64_t tag = most->waiting.back().tag;
  most->waiting.pop_back();
  if (most->waiting.empty()) flows_.erase(most);
  return tag;
}

}  // namespace worker
