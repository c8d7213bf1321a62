#include "wire/command_io.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "wire/frame.h"

namespace wire {

namespace {

using base::Code;
using base::milliseconds;
using base::Result;
using base::Status;

Status Closed() {
  return {Code::kUnavailable, "the writer closed the connection: its log says why"};
}

// kUnavailable at the deadline.
Status WaitFor(int fd, short events, milliseconds deadline) {
  for (;;) {
    const milliseconds left = std::max(deadline - base::SystemClock().SinceBoot(), milliseconds(0));
    pollfd state{.fd = fd, .events = events, .revents = 0};
    const int ready = ::poll(&state, 1, static_cast<int>(left.count()));
    if (ready > 0) return {};
    if (ready == 0) return {Code::kUnavailable, "the writer did not answer in time"};
    if (errno != EINTR) return base::ErrnoStatus("poll", errno);
  }
}

}  // namespace

Result<base::UniqueFd> ConnectAsCommand(const std::string& socket_path,
                                        std::string_view operator_name, std::optional<uid_t> owner,
                                        milliseconds deadline) {
  auto fd = ConnectTo(socket_path, owner);
  if (!fd.ok() && fd.error().code() == Code::kConflict) return fd;
  if (!fd.ok()) return Status(Code::kUnavailable, fd.error().message());
  const Hello hello{.pid = static_cast<std::uint32_t>(getpid()),
                    .name = "latchkey",
                    .operator_name = std::string(operator_name)};
  Status status = SendFrameBy(fd->get(), EncodeHello(hello), deadline);
  if (!status.ok()) return status;
  return fd;
}

Status SendFrameBy(int fd, std::string_view frame, milliseconds deadline) {
  for (;;) {
    const Io io = SendFrame(fd, frame);
    if (io == Io::kDone) return {};
    if (io == Io::kClosed) return Closed();
    if (Status status = WaitFor(fd, POLLOUT, deadline); !status.ok()) return status;
  }
}

Result<std::span<const std::uint8_t>> ReceiveFrameBy(int fd, FrameBuffer* buffer,
                                                     milliseconds deadline) {
  for (;;) {
    const Received received = ReceiveFrame(fd, buffer);
    if (received.io == Io::kDone) return received.frame;
    if (received.io == Io::kClosed) return Closed();
    if (Status status = WaitFor(fd, POLLIN, deadline); !status.ok()) return status;
  }
}

}  // namespace wire
