#include "supervisor/health_probe.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string_view>

namespace supervisor {

namespace {

constexpr std::string_view kRequest = "GET /healthz HTTP/1.0\r\n\r\n";
constexpr std::string_view kHealthyLine = "HTTP/1.1 200";
constexpr std::size_t kMaxAnswerBytes = 4096;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
};

// Where a client would connect to.
SocketAddress ReachableAddress(int listen_fd) {
  SocketAddress address;
  getsockname(listen_fd, reinterpret_cast<sockaddr*>(&address.storage), &address.size);
  auto* four = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* six = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (four->sin_family == AF_INET && four->sin_addr.s_addr == htonl(INADDR_ANY)) {
    four->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }
  if (six->sin6_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr)) {
    six->sin6_addr = in6addr_loopback;
  }
  return address;
}

}  // namespace

HealthProbe::HealthProbe(int listen_fd) {
  const SocketAddress address = ReachableAddress(listen_fd);
  base::UniqueFd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return;
  // Our own listening socket takes the connection at once, whether nginx is there yet or not.
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) {
    return;
  }
  if (::send(fd.get(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(kRequest.size())) {
    return;
  }
  fd_ = std::move(fd);
}

HealthProbe::State HealthProbe::Step() {
  if (!fd_.valid()) return State::kFailed;
  std::array<char, 1024> buffer{};
  const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR ? State::kWaiting : State::kFailed;
  received_.append(buffer.data(), static_cast<std::size_t>(got));
  if (received_.starts_with(kHealthyLine)) return State::kHealthy;
  const bool is_over = got == 0 || received_.size() > kMaxAnswerBytes;
  return is_over || received_.size() >= kHealthyLine.size() ? State::kFailed : State::kWaiting;
}

std::string HealthProbe::answer() const {
  if (received_.empty()) return "is not answered";
  return "is answered " + received_.substr(0, received_.find('\r'));
}

}  // namespace supervisor
