#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <thread>

#include "base/unix_socket.h"
#include "wire/client.h"
#include "wire/frame.h"
#include "wire/frame_io.h"

namespace wire {

namespace {

using base::Code;
using base::milliseconds;
using base::Result;
using base::Status;

// A writer that restarts closes the connection once, one that crashes perhaps twice.
constexpr int kAttempts = 3;
constexpr milliseconds kPause{50};
constexpr std::uint64_t kCorrelation = 1;

milliseconds Now() { return base::SystemClock().SinceBoot(); }

Status Closed() {
  return {Code::kUnavailable, "the writer closed the connection: its log says why"};
}

// kUnavailable at the deadline.
Status WaitFor(int fd, short events, milliseconds deadline) {
  for (;;) {
    const milliseconds left = std::max(deadline - Now(), milliseconds(0));
    pollfd state{.fd = fd, .events = events, .revents = 0};
    const int ready = ::poll(&state, 1, static_cast<int>(left.count()));
    if (ready > 0) return {};
    if (ready == 0) return {Code::kUnavailable, "the writer did not answer in time"};
    if (errno != EINTR) return base::ErrnoStatus("poll", errno);
  }
}

Status SendBy(int fd, std::string_view frame, milliseconds deadline) {
  for (;;) {
    const Io io = SendFrame(fd, frame);
    if (io == Io::kDone) return {};
    if (io == Io::kClosed) return Closed();
    if (Status status = WaitFor(fd, POLLOUT, deadline); !status.ok()) return status;
  }
}

Result<records::WriteResult> ReceiveBy(int fd, milliseconds deadline) {
  FrameBuffer buffer;
  for (;;) {
    const Received received = ReceiveFrame(fd, &buffer);
    if (received.io == Io::kClosed) return Closed();
    if (received.io == Io::kWouldBlock) {
      if (Status status = WaitFor(fd, POLLIN, deadline); !status.ok()) return status;
      continue;
    }
    const auto results = ParseResults(received.frame);
    if (!results.ok()) return results.error();
    for (const ResultEntry& entry : *results) {
      if (entry.correlation == kCorrelation) return entry.result;
    }
  }
}

Result<records::WriteResult> CallOnce(const std::string& socket_path, const Hello& hello,
                                      std::string_view frame, milliseconds deadline) {
  const auto fd = base::ConnectUnix(socket_path, base::SocketKind::kSeqPacket);
  if (!fd.ok()) return Status(Code::kUnavailable, fd.error().message());
  if (Status status = SendBy(fd->get(), EncodeHello(hello), deadline); !status.ok()) return status;
  if (Status status = SendBy(fd->get(), frame, deadline); !status.ok()) return status;
  return ReceiveBy(fd->get(), deadline);
}

}  // namespace

Result<records::WriteResult> Call(const std::string& socket_path, const records::Write& write,
                                  milliseconds timeout, std::string_view operator_name) {
  const milliseconds deadline = Now() + timeout;
  std::string entry;
  Status status = AppendRecordEntry(kCorrelation, deadline, write, &entry);
  if (!status.ok()) return status;
  FrameBuilder frame(FrameType::kRecords);
  if (!frame.Add(entry)) return Status(Code::kInvalid, "record is too long");
  const Hello hello{.pid = static_cast<std::uint32_t>(getpid()),
                    .name = "latchkey",
                    .operator_name = std::string(operator_name)};
  auto result = CallOnce(socket_path, hello, frame.bytes(), deadline);
  for (int i = 1; i < kAttempts && !result.ok() && Now() + kPause < deadline; ++i) {
    std::this_thread::sleep_for(kPause);
    result = CallOnce(socket_path, hello, frame.bytes(), deadline);
  }
  return result;
}

}  // namespace wire
