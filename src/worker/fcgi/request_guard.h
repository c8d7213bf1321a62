// Notes what the child works on where its parent finds it, and keeps away from it what other
// children died of. One a child, on its loop; not thread-safe. Why: docs/security.md "A poisonous
// request".
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"
#include "shm/poison_table.h"
#include "worker/fcgi/answer.h"
#include "worker/pool/child_slots.h"

namespace worker {

class RequestGuard {
 public:
  // How long a request may wait here for the parent's word on a child that just died with it: far
  // longer than a parent that runs needs.
  static constexpr base::milliseconds kParentMayTake{2000};

  // All of them outlive it. `slot`: this child's.
  RequestGuard(const ChildSlots& slots, std::size_t slot, const shm::PoisonTable& poison,
               const base::Clock& clock)
      : slots_(slots), slot_(slot), poison_(poison), clock_(clock) {}

  // The child works on this request from here to End. Not nullopt: it is to be refused, its body
  // unread by any parser.
  std::optional<Refusal> Begin(const base::IdBytes& request, std::string_view address);
  // It goes on with one that was parked.
  void Resume(const base::IdBytes& request, std::string_view address) {
    slots_.Begin(slot_, request, address);
  }
  void End() { slots_.End(slot_); }

  // How much longer the network of the address is shut out, in whole seconds; at least 1.
  base::seconds RetryAfter(std::string_view address) const;

 private:
  void AwaitParent(const base::IdBytes& request) const;

  const ChildSlots& slots_;
  const std::size_t slot_;
  const shm::PoisonTable& poison_;
  const base::Clock& clock_;
};

}  // namespace worker
