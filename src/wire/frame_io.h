// One packet in, one packet out, on a connected SEQPACKET socket; never waits. Thread-compatible.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/os/unique_fd.h"
#include "base/status.h"
#include "wire/codec.h"

namespace wire {

enum class Io : std::uint8_t {
  kDone,
  kWouldBlock,  // nothing there, or no room: wait for the event
  kClosed,      // the peer is gone, or sent a packet longer than a frame may be: close
};

using FrameBuffer = std::array<std::uint8_t, kMaxFrameBytes>;

// To the writer's socket; if `owner` is there, to no other user's (base::ConnectUnixOf).
base::Result<base::UniqueFd> ConnectTo(const std::string& socket_path, std::optional<uid_t> owner);

struct Received {
  Io io = Io::kClosed;
  std::span<const std::uint8_t> frame;  // a view of the buffer
};
Received ReceiveFrame(int fd, FrameBuffer* buffer);

Io SendFrame(int fd, std::string_view frame);

// Lets the kernel hold as many packets as it allows without a right of our own.
void WidenSendBuffer(int fd);

}  // namespace wire
