// One packet in, one packet out, on a connected SEQPACKET socket; never waits. Thread-compatible.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "wire/codec.h"

namespace wire {

enum class Io : std::uint8_t {
  kDone,
  kWouldBlock,  // nothing there, or no room: wait for the event
  kClosed,      // the peer is gone, or sent a packet longer than a frame may be: close
};

using FrameBuffer = std::array<std::uint8_t, kMaxFrameBytes>;

struct Received {
  Io io = Io::kClosed;
  std::span<const std::uint8_t> frame;  // a view of the buffer
};
Received ReceiveFrame(int fd, FrameBuffer* buffer);

Io SendFrame(int fd, std::string_view frame);

// Lets the kernel hold as many packets as it allows without a right of our own.
void WidenSendBuffer(int fd);

}  // namespace wire
