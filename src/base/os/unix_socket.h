// Unix domain sockets and inherited descriptors. Functions are thread-safe.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/os/unique_fd.h"
#include "base/status.h"

namespace base {

enum class SocketKind : std::uint8_t { kStream, kSeqPacket };

// The kernel's limit on a socket's path (sizeof sun_path less the final zero).
inline constexpr std::size_t kMaxSocketPathBytes = 107;

// kInvalid: `path` is longer than that.
Status CheckSocketPath(const std::string& path);

// Binds, sets the mode and listens; a stale socket file at `path` is replaced, a live one is
// kExists. Only `latchkey run` and tests call this: under systemd the unit owns every socket.
Result<UniqueFd> ListenUnix(const std::string& path, SocketKind kind, mode_t mode, int backlog);

// Non-blocking and close-on-exec. kNotFound, kDenied or kUnavailable where nobody listens.
Result<UniqueFd> ConnectUnix(const std::string& path, SocketKind kind);
// The same where the socket belongs to `owner`, in one look at it, whatever links lead there.
// kConflict: it is another's.
Result<UniqueFd> ConnectUnixOf(uid_t owner, const std::string& path, SocketKind kind);

Status SetNonBlocking(int fd);
Status SetCloseOnExec(int fd, bool close_on_exec);
// SO_RCVTIMEO and SO_SNDTIMEO.
Status SetTimeouts(int fd, milliseconds timeout);

// Who is at the other end of a connected Unix socket (SO_PEERCRED).
struct Peer {
  pid_t pid = 0;
  uid_t uid = 0;
};
Result<Peer> PeerOf(int fd);

// Sockets handed over by the service manager: LISTEN_FDS, LISTEN_FDNAMES, LISTEN_PID
// (sd_listen_fds(3)). LISTEN_PID may be absent or 0 for a supervisor that execs through a shell.
struct InheritedSocket {
  std::string name;
  int fd = -1;
};
std::vector<InheritedSocket> InheritedSockets();
// The first one called `name`; kNotFound says how to start the process so that it gets one.
Result<int> InheritedSocketNamed(std::string_view name);

}  // namespace base
