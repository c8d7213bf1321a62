#include "base/os/unix_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace base {

namespace {

Result<sockaddr_un> AddressOf(const std::string& path) {
  if (Status status = CheckSocketPath(path); !status.ok()) return status;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

int TypeOf(SocketKind kind) {
  return (kind == SocketKind::kStream ? SOCK_STREAM : SOCK_SEQPACKET) | SOCK_CLOEXEC |
         SOCK_NONBLOCK;
}

const sockaddr* Generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

}  // namespace

Status CheckSocketPath(const std::string& path) {
  if (path.size() <= kMaxSocketPathBytes) return {};
  return {Code::kInvalid, "socket path is " + std::to_string(path.size()) +
                              " bytes, the kernel takes " + std::to_string(kMaxSocketPathBytes) +
                              ": use a shorter data folder: " + path};
}

Result<UniqueFd> ListenUnix(const std::string& path, SocketKind kind, mode_t mode, int backlog) {
  const auto address = AddressOf(path);
  if (!address.ok()) return address.error();
  if (ConnectUnix(path, kind).ok()) {
    return Status(Code::kExists, path + " is served by another process: stop that one first");
  }
  UniqueFd fd(::socket(AF_UNIX, TypeOf(kind), 0));
  if (!fd.valid()) return ErrnoStatus("socket", errno);
  ::unlink(path.c_str());
  if (::bind(fd.get(), Generic(*address), sizeof *address) != 0)
    return ErrnoStatus("bind " + path, errno);
  if (::chmod(path.c_str(), mode) != 0) return ErrnoStatus("chmod " + path, errno);
  if (::listen(fd.get(), backlog) != 0) return ErrnoStatus("listen " + path, errno);
  return fd;
}

Result<UniqueFd> ConnectUnix(const std::string& path, SocketKind kind) {
  const auto address = AddressOf(path);
  if (!address.ok()) return address.error();
  UniqueFd fd(::socket(AF_UNIX, TypeOf(kind), 0));
  if (!fd.valid()) return ErrnoStatus("socket", errno);
  if (::connect(fd.get(), Generic(*address), sizeof *address) != 0) {
    return ErrnoStatus("connect " + path, errno);
  }
  return fd;
}

// By the descriptor of what was looked at: a name could lead elsewhere by then.
Result<UniqueFd> ConnectUnixOf(uid_t owner, const std::string& path, SocketKind kind) {
  const UniqueFd found(::open(path.c_str(), O_PATH | O_CLOEXEC));
  struct stat info {};
  if (!found.valid() || ::fstat(found.get(), &info) != 0) {
    return ErrnoStatus("connect " + path, errno);
  }
  if (info.st_uid != owner) {
    return Status(Code::kConflict, path + " belongs to uid " + std::to_string(info.st_uid) +
                                       ", not to uid " + std::to_string(owner) +
                                       ", whose data folder it is");
  }
  auto fd = ConnectUnix("/proc/self/fd/" + std::to_string(found.get()), kind);
  return fd.ok() ? std::move(fd) : Status(fd.error().code(), path + ": " + fd.error().message());
}

Status SetNonBlocking(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) return ErrnoStatus("fcntl", errno);
  return {};
}

Status SetCloseOnExec(int fd, bool close_on_exec) {
  if (fcntl(fd, F_SETFD, close_on_exec ? FD_CLOEXEC : 0) != 0) return ErrnoStatus("fcntl", errno);
  return {};
}

Status SetTimeouts(int fd, milliseconds timeout) {
  const timeval value{.tv_sec = timeout.count() / 1000, .tv_usec = (timeout.count() % 1000) * 1000};
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value) != 0 ||
      setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof value) != 0) {
    return ErrnoStatus("setsockopt", errno);
  }
  return {};
}

Result<Peer> PeerOf(int fd) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return ErrnoStatus("SO_PEERCRED", errno);
  }
  return Peer{.pid = credentials.pid, .uid = credentials.uid};
}

std::vector<InheritedSocket> InheritedSockets() {
  constexpr int kFirstFd = 3;
  std::vector<InheritedSocket> sockets;
  const char* count_text = std::getenv("LISTEN_FDS");
  if (count_text == nullptr) return sockets;
  const char* pid_text = std::getenv("LISTEN_PID");
  const long pid = pid_text == nullptr ? 0 : std::strtol(pid_text, nullptr, 10);
  if (pid != 0 && pid != getpid()) return sockets;
  const char* names_text = std::getenv("LISTEN_FDNAMES");
  std::string_view names = names_text == nullptr ? "" : names_text;
  const long count = std::strtol(count_text, nullptr, 10);
  for (int i = 0; i < count; ++i) {
    const std::size_t colon = names.find(':');
    sockets.push_back({std::string(names.substr(0, colon)), kFirstFd + i});
    names = colon == std::string_view::npos ? std::string_view() : names.substr(colon + 1);
  }
  return sockets;
}

Result<int> InheritedSocketNamed(std::string_view name) {
  for (const InheritedSocket& socket : InheritedSockets()) {
    if (socket.name == name) return socket.fd;
  }
  return Status(Code::kNotFound,
                "no inherited socket named " + std::string(name) +
                    ": start this process through `latchkey run` or its systemd .socket unit");
}

}  // namespace base
