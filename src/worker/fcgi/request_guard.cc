#include "worker/fcgi/request_guard.h"

#include <algorithm>
#include <thread>

namespace worker {

namespace {

constexpr std::chrono::microseconds kLook{200};

}  // namespace

std::optional<Refusal> RequestGuard::Begin(const base::IdBytes& request, std::string_view address) {
  slots_.Begin(slot_, request, address);
  if (slots_.IsElsewhere(slot_, request)) AwaitParent(request);
  if (poison_.IsQuiet(clock_)) return std::nullopt;
  if (poison_.IsPoisonous(request)) return Refusal::kPoisonous;
  const auto shut_out = poison_.ShutOutFor(base::NetworkOf(address), clock_.SinceBoot());
  if (shut_out > base::milliseconds(0)) return Refusal::kNetworkShutOut;
  return std::nullopt;
}

// The child that had the request is dead, and only its parent can tell whether it was killed or died
// of it. That takes the parent microseconds; where it takes too long, it is itself in trouble, and the
// request is served as it was before there was a guard.
void RequestGuard::AwaitParent(const base::IdBytes& request) const {
  const base::milliseconds end = clock_.SinceBoot() + kParentMayTake;
  while (slots_.IsElsewhere(slot_, request) && clock_.SinceBoot() < end) {
    std::this_thread::sleep_for(kLook);
  }
}

base::seconds RequestGuard::RetryAfter(std::string_view address) const {
  const auto left = poison_.ShutOutFor(base::NetworkOf(address), clock_.SinceBoot());
  return std::max(std::chrono::ceil<base::seconds>(left), base::seconds(1));
}

}  // namespace worker
