// One page of memory shared by a parent and its children: a 64-bit counter a child, raised by it
// once a turn of its loop, so that the parent sees which loop stands still. Move-only; the counters
// are atomic.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/os/unique_fd.h"
#include "base/status.h"

namespace worker {

class HeartbeatPage {
 public:
  static constexpr std::size_t kSlots = 512;

  // Anonymous memory (memfd), all zeros.
  static base::Result<HeartbeatPage> Create();
  // The page behind a descriptor that the parent handed over; takes the descriptor over.
  static base::Result<HeartbeatPage> Map(base::UniqueFd fd);

  HeartbeatPage(HeartbeatPage&& other) noexcept;
  HeartbeatPage& operator=(HeartbeatPage&& other) noexcept;
  ~HeartbeatPage();

  int fd() const { return fd_.get(); }
  std::uint64_t* slot(std::size_t index) const { return words_ + index; }  // index < kSlots
  std::uint64_t Get(std::size_t index) const;

 private:
  HeartbeatPage(base::UniqueFd fd, std::uint64_t* words) : fd_(std::move(fd)), words_(words) {}

  base::UniqueFd fd_;
  std::uint64_t* words_ = nullptr;
};

}  // namespace worker
