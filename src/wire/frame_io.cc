#include "wire/frame_io.h"

#include <sys/socket.h>

#include <cerrno>

#include "base/os/unix_socket.h"

namespace wire {

namespace {

bool IsWait(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

ssize_t ReceiveUninterrupted(int fd, FrameBuffer* buffer) {
  ssize_t size = 0;
  do {
    // MSG_TRUNC: the packet's own length comes back, even where the buffer was shorter.
    size = ::recv(fd, buffer->data(), buffer->size(), MSG_DONTWAIT | MSG_TRUNC);
  } while (size < 0 && errno == EINTR);
  return size;
}

}  // namespace

base::Result<base::UniqueFd> ConnectTo(const std::string& socket_path, std::optional<uid_t> owner) {
  constexpr auto kKind = base::SocketKind::kSeqPacket;
  return owner ? base::ConnectUnixOf(*owner, socket_path, kKind)
               : base::ConnectUnix(socket_path, kKind);
}

Received ReceiveFrame(int fd, FrameBuffer* buffer) {
  const ssize_t size = ReceiveUninterrupted(fd, buffer);
  if (size < 0) return {.io = IsWait(errno) ? Io::kWouldBlock : Io::kClosed, .frame = {}};
  const auto length = static_cast<std::size_t>(size);
  if (length == 0 || length > buffer->size()) return {};
  return {.io = Io::kDone, .frame = std::span(*buffer).first(length)};
}

Io SendFrame(int fd, std::string_view frame) {
  ssize_t size = 0;
  do {
    size = ::send(fd, frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (size < 0 && errno == EINTR);
  if (size >= 0) return Io::kDone;
  // ENOBUFS: the kernel is short of memory for the moment.
  return IsWait(errno) || errno == ENOBUFS ? Io::kWouldBlock : Io::kClosed;
}

void WidenSendBuffer(int fd) {
  constexpr int kMoreThanAllowed = 4 * 1024 * 1024;  // the kernel takes net.core.wmem_max at most
  ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kMoreThanAllowed, sizeof kMoreThanAllowed);
}

}  // namespace wire
