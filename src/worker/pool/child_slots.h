// Memory shared by a parent and its children, a slot for each child: a counter that it raises once a
// turn of its loop, so that the parent sees which loop stands still, and the request it works on, so
// that a death tells what it died of. Move-only; every word is an atomic. A child writes its own slot
// alone; the parent clears a slot once it has dealt with the death of whose it was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/os/unique_fd.h"
#include "base/status.h"

namespace worker {

// The request that a child works on, as nginx told of it.
struct Work {
  base::IdBytes request{};  // its id
  std::string address;      // its client's, cut at ChildSlots::kMostAddressBytes
};

class ChildSlots {
 public:
  static constexpr std::size_t kSlots = 512;
  static constexpr std::size_t kMostAddressBytes = 48;

  // Anonymous memory (memfd), all zeros.
  static base::Result<ChildSlots> Create();
  // The memory behind a descriptor that the parent handed over; takes the descriptor over.
  static base::Result<ChildSlots> Map(base::UniqueFd fd);

  ChildSlots(ChildSlots&& other) noexcept;
  ChildSlots& operator=(ChildSlots&& other) noexcept;
  ~ChildSlots();

  int fd() const { return fd_.get(); }

  // ---- of a child; slot < kSlots everywhere ----

  std::uint64_t* heartbeat(std::size_t slot) const;
  // From here to End the child works on this request. A handful of stores: it stands on every
  // request's way.
  void Begin(std::size_t slot, const base::IdBytes& request, std::string_view address) const;
  void End(std::size_t slot) const;
  // Another slot has this very request: its child died a moment ago, and the parent has not dealt
  // with it yet. (nginx gives a request to a second child only once the first one's socket closed.)
  bool IsElsewhere(std::size_t slot, const base::IdBytes& request) const;

  // ---- of the parent ----

  // Before a child starts in it.
  void Open(std::size_t slot) const;
  void Clear(std::size_t slot) const;
  std::uint64_t HeartbeatOf(std::size_t slot) const;
  // nullopt: it works on none. Of a child that is gone; a live one may change it meanwhile.
  std::optional<Work> WorkOf(std::size_t slot) const;

 private:
  ChildSlots(base::UniqueFd fd, std::uint64_t* words) : fd_(std::move(fd)), words_(words) {}
  std::uint64_t* SlotAt(std::size_t slot) const;

  base::UniqueFd fd_;
  std::uint64_t* words_ = nullptr;
};

}  // namespace worker
