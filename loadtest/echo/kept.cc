#include <fcgiapp.h>
#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include "base/os/unique_fd.h"
#include "base/os/unix_socket.h"
#include "echo/answer.h"
#include "echo/serve.h"

namespace echo {

namespace {

constexpr int kEventsPerTurn = 256;
constexpr int kAcceptsPerTurn = 64;

base::Status Watch(int epoll_fd, int fd, void* tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = tag;
  if (::epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
    return base::ErrnoStatus("epoll_ctl", errno);
  }
  return {};
}

// One connection that nginx keeps. Owned by the epoll's tag, given back when nginx closes it.
struct Connection {
  FCGX_Request request{};
};

// Serves the request that waits. false: nginx closed the connection, and libfcgi has let go of it.
bool ServeOne(Connection* connection) {
  if (FCGX_Accept_r(&connection->request) != 0) return false;
  Answer(&connection->request);
  FCGX_Finish_r(&connection->request);
  return connection->request.ipcFd >= 0;
}

// false: nobody is waiting.
bool AcceptOne(int epoll_fd, int listen_fd) {
  auto connection = std::make_unique<Connection>();
  FCGX_InitRequest(&connection->request, listen_fd, 0);
  if (!ServeOne(connection.get())) return false;
  // At its end a kept connection must not accept another one in the same slot.
  connection->request.listen_sock = -1;
  const int fd = connection->request.ipcFd;
  if (Watch(epoll_fd, fd, connection.get()).ok()) {
    connection.release();
  } else {
    FCGX_Free(&connection->request, 1);
  }
  return true;
}

void AcceptSome(int epoll_fd, int listen_fd) {
  for (int i = 0; i < kAcceptsPerTurn && AcceptOne(epoll_fd, listen_fd); ++i) {
  }
}

void OnReadable(Connection* connection) {
  if (!ServeOne(connection)) delete connection;
}

}  // namespace

base::Status ServeKept(int listen_fd) {
  base::UniqueFd epoll_fd(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll_fd.valid()) return base::ErrnoStatus("epoll_create1", errno);
  if (base::Status status = Watch(epoll_fd.get(), listen_fd, nullptr); !status.ok()) return status;
  std::array<epoll_event, kEventsPerTurn> events;
  for (;;) {
    const int count = ::epoll_wait(epoll_fd.get(), events.data(), kEventsPerTurn, -1);
    if (count < 0 && errno != EINTR) return base::ErrnoStatus("epoll_wait", errno);
    for (int i = 0; i < count; ++i) {
      auto* connection = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      connection == nullptr ? AcceptSome(epoll_fd.get(), listen_fd) : OnReadable(connection);
    }
  }
}

}  // namespace echo
