#include <fcgiapp.h>
#include <sys/epoll.h>

#include <cerrno>

#include "base/os/unique_fd.h"
#include "base/os/unix_socket.h"
#include "echo/answer.h"
#include "echo/serve.h"

namespace echo {

namespace {

constexpr int kAcceptsPerTurn = 64;

// false: nobody is waiting (of a non-blocking socket), or accept failed.
bool ServeOne(FCGX_Request* request) {
  if (FCGX_Accept_r(request) != 0) return false;
  Answer(request);
  FCGX_Finish_r(request);
  return true;
}

}  // namespace

base::Status ServeEpoll(int listen_fd) {
  base::UniqueFd epoll_fd(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll_fd.valid()) return base::ErrnoStatus("epoll_create1", errno);
  epoll_event event{};
  event.events = EPOLLIN;
  if (::epoll_ctl(epoll_fd.get(), EPOLL_CTL_ADD, listen_fd, &event) != 0) {
    return base::ErrnoStatus("epoll_ctl", errno);
  }
  FCGX_Request request;
  FCGX_InitRequest(&request, listen_fd, 0);
  for (;;) {
    if (::epoll_wait(epoll_fd.get(), &event, 1, -1) < 0 && errno != EINTR) {
      return base::ErrnoStatus("epoll_wait", errno);
    }
    for (int i = 0; i < kAcceptsPerTurn && ServeOne(&request); ++i) {
    }
  }
}

base::Status ServeBlocking(int listen_fd) {
  FCGX_Request request;
  FCGX_InitRequest(&request, listen_fd, 0);
  while (ServeOne(&request)) {
  }
  return {base::Code::kUnavailable, "accept failed"};
}

}  // namespace echo
