#include "worker/fcgi/fair_queue.h"

#include <algorithm>

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
  const auto flow = std::ranges::find(flows_, network, &Flow::network);
  if (flow == flows_.end()) {
    flows_.push_back({.network = std::string(network), .tags = {tag}});
  } else {
    flow->tags.push_back(tag);
  }
}

std::optional<std::uint64_t> FairQueue::Pop() {
  if (flows_.empty()) return std::nullopt;
  --size_;
  Flow& flow = flows_.front();
  const std::uint64_t tag = flow.tags.front();
  flow.tags.pop_front();
  if (flow.tags.empty()) {
    flows_.pop_front();
  } else {
    flows_.splice(flows_.end(), flows_, flows_.begin());
  }
  return tag;
}

std::optional<std::uint64_t> FairQueue::DropNewest() {
  if (flows_.empty()) return std::nullopt;
  --size_;
  const auto most =
      std::ranges::max_element(flows_, {}, [](const Flow& flow) { return flow.tags.size(); });
  const std::uint64_t tag = most->tags.back();
  most->tags.pop_back();
  if (most->tags.empty()) flows_.erase(most);
  return tag;
}

}  // namespace worker
