#include "supervisor/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/clock.h"
#include "base/os/unix_socket.h"
#include "supervisor/environment.h"

namespace supervisor {

namespace {

using base::Code;
using base::Status;
using base::UniqueFd;

constexpr mode_t kSocketMode = 0600;  // all of `latchkey run` is one user
constexpr std::int64_t kPredecessorWaitMicros = 20'000'000;
constexpr int kPredecessorStepMs = 20;

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  std::string text;
};

base::Result<Address> ParseAddress(const std::string& host, std::int64_t port) {
  Address address;
  auto* four = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* six = reinterpret_cast<sockaddr_in6*>(&address.storage);
  const auto network_port = htons(static_cast<std::uint16_t>(port));
  if (inet_pton(AF_INET, host.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = network_port;
    address.size = sizeof *four;
    address.text = host + ":" + std::to_string(port);
    return address;
  }
  if (inet_pton(AF_INET6, host.c_str(), &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = network_port;
    address.size = sizeof *six;
    address.text = "[" + host + "]:" + std::to_string(port);
    return address;
  }
  return Status(Code::kInvalid, "listen_address " + host + " is no IPv4 or IPv6 address");
}

Status BindError(const Address& address, std::int64_t port, int error_number) {
  const std::string number = std::to_string(port);
  if (error_number == EADDRINUSE) {
    return {Code::kExists, "port " + number +
                               " is in use by another program: choose another, "
                               "PORT=" +
                               std::to_string(port < 65535 ? port + 1 : port - 1) +
                               " with make, LATCHKEY_PORT or [nginx] port without"};
  }
  if (error_number == EACCES || error_number == EPERM) {
    return {Code::kInvalid, "port " + number +
                                " is for root: choose one above 1023 "
                                "(PORT=8080), or start as root"};
  }
  return base::ErrnoStatus("listen on " + address.text, error_number);
}

void SharePort(int fd) {
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
}

enum class Sharing : std::uint8_t { kNone, kReusePort };

base::Result<UniqueFd> ListenTcp(const Address& address, std::int64_t port, Sharing sharing) {
  const int family = address.storage.ss_family;
  UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return base::ErrnoStatus("socket for " + address.text, errno);
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (sharing == Sharing::kReusePort) SharePort(fd.get());
  if (family == AF_INET6) setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 ||
      ::listen(fd.get(), kListenBacklog) != 0) {
    return BindError(address, port, errno);
  }
  return fd;
}

Status OpenTcp(const Address& address, std::int64_t port, std::int64_t workers,
               std::vector<TcpListener>* listeners) {
  for (std::int64_t i = 0; i < workers; ++i) {
    // Sockets that share a port do not notice another program of the same user that shares it, too:
    // the first takes it for itself and shares it afterwards.
    auto fd = ListenTcp(address, port, i == 0 ? Sharing::kNone : Sharing::kReusePort);
    if (!fd.ok()) return fd.error();
    if (i == 0) SharePort(fd->get());
    listeners->push_back({.address = address.text, .fd = std::move(*fd)});
  }
  return {};
}

// Browsers try [::1] for "localhost" first; a machine without IPv6 does without.
Status AddIpv6Loopback(const base::Settings& settings, std::int64_t workers,
                       std::vector<TcpListener>* listeners) {
  const auto address = ParseAddress("::1", settings.port);
  if (!address.ok()) return address.error();
  Status opened = OpenTcp(*address, settings.port, workers, listeners);
  return opened.code() == Code::kExists ? opened : Status();
}

base::SocketKind KindOf(const base::Process& process) {
  return process.listens == base::Listens::kOnSeqPacket ? base::SocketKind::kSeqPacket
                                                        : base::SocketKind::kStream;
}

base::Result<Listener> OpenUnix(const base::Settings& settings, const std::string& name,
                                base::SocketKind kind) {
  const std::string path = settings.RunPath(name + ".sock");
  const std::int64_t deadline = base::MonotonicMicros() + kPredecessorWaitMicros;
  for (;;) {
    auto fd = base::ListenUnix(path, kind, kSocketMode, kListenBacklog);
    if (fd.ok()) return Listener{.name = name, .fd = std::move(*fd)};
    const bool is_served = fd.error().code() == Code::kExists;
    if (!is_served || base::MonotonicMicros() > deadline) return fd.error();
    poll(nullptr, 0, kPredecessorStepMs);
  }
}

}  // namespace

base::Result<std::vector<TcpListener>> OpenTcpListeners(const base::Settings& settings,
                                                        std::int64_t workers) {
  const auto address = ParseAddress(settings.listen_address, settings.port);
  if (!address.ok()) return address.error();
  std::vector<TcpListener> listeners;
  if (Status status = OpenTcp(*address, settings.port, workers, &listeners); !status.ok()) {
    return status;
  }
  if (settings.listen_address == "127.0.0.1") {
    if (Status status = AddIpv6Loopback(settings, workers, &listeners); !status.ok()) return status;
  }
  return listeners;
}

base::Result<std::vector<TcpListener>> AwaitTcpListeners(const base::Settings& settings,
                                                         std::int64_t workers) {
  const std::int64_t deadline = base::MonotonicMicros() + kPredecessorWaitMicros;
  for (;;) {
    auto listeners = OpenTcpListeners(settings, workers);
    if (listeners.ok() || listeners.error().code() != Code::kExists ||
        base::MonotonicMicros() > deadline) {
      return listeners;
    }
    poll(nullptr, 0, kPredecessorStepMs);
  }
}

Status CheckSocketPaths(const base::Settings& settings) {
  for (const base::Process& process : base::kProcesses) {
    for (const std::string& name : base::SocketNamesOf(process, settings)) {
      Status status = base::CheckSocketPath(settings.RunPath(name + ".sock"));
      if (!status.ok()) return status;
    }
  }
  return {};
}

base::Result<UnixListeners> OpenUnixListeners(const base::Settings& settings) {
  UnixListeners listeners;
  for (std::size_t i = 0; i < base::kProcessCount; ++i) {
    const base::Process& process = base::kProcesses.at(i);
    for (const std::string& name : base::SocketNamesOf(process, settings)) {
      auto listener = OpenUnix(settings, name, KindOf(process));
      if (!listener.ok()) return listener.error();
      listeners.at(i).push_back(std::move(*listener));
    }
  }
  return listeners;
}

std::vector<NamedSocket> NamesOf(const std::vector<Listener>& listeners) {
  std::vector<NamedSocket> named;
  for (const Listener& listener : listeners) named.push_back({listener.name, listener.fd.get()});
  return named;
}

std::vector<NamedSocket> NamesOf(const std::vector<TcpListener>& listeners) {
  std::vector<NamedSocket> named;
  for (const TcpListener& listener : listeners)
    named.push_back({listener.address, listener.fd.get()});
  return named;
}

}  // namespace supervisor
