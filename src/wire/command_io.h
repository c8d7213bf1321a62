// How the `latchkey` command talks to the writer: frames out and in, waiting, each wait with a deadline
// (CLOCK_BOOTTIME). Never used by a worker child. Thread-compatible. kUnavailable of all: nobody
// listens, the deadline passed, or the writer closed the connection.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/os/unique_fd.h"
#include "base/status.h"
#include "wire/frame_io.h"

namespace wire {

// Connected, and HELLO said. `operator_name`: who typed the command, for the audit log; may be
// empty. kConflict: the socket is not `owner`'s.
base::Result<base::UniqueFd> ConnectAsCommand(const std::string& socket_path,
                                              std::string_view operator_name,
                                              std::optional<uid_t> owner,
                                              base::milliseconds deadline);
base::Status SendFrameBy(int fd, std::string_view frame, base::milliseconds deadline);
// A view of the buffer.
base::Result<std::span<const std::uint8_t>> ReceiveFrameBy(int fd, FrameBuffer* buffer,
                                                           base::milliseconds deadline);

}  // namespace wire
