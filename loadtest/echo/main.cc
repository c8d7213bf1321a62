// latchkey-echo KIND CHILDREN SOCKET...
// The ceilings of docs/performance.md: a libfcgi program that answers 12 bytes. Child number i
// serves socket number i modulo their count. Ends, with its children, at SIGTERM or when its parent
// dies.
#include <fcgiapp.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/os/unix_socket.h"
#include "echo/serve.h"

namespace {

constexpr int kBacklog = 4096;
constexpr int kMaxChildren = 256;

struct Kind {
  std::string_view name;
  base::Status (*serve)(int listen_fd);
  bool blocking;
};
constexpr Kind kKinds[] = {{"kept", &echo::ServeKept, false},
                           {"epoll", &echo::ServeEpoll, false},
                           {"blocking", &echo::ServeBlocking, true}};

int Fail(const std::string& why) {
  std::fprintf(stderr, "latchkey-echo: %s\n", why.c_str());
  return 1;
}

const Kind* FindKind(std::string_view name) {
  for (const Kind& kind : kKinds) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

void RaiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// libfcgi's defaults cost a plain server most of its speed: the wait for nginx's close is not
// needed where the whole request was read. Set where the environment does not say otherwise.
void TuneLibfcgi() { ::setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "0", 0); }

[[noreturn]] void RunChild(const Kind& kind, int listen_fd) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (FCGX_Init() != 0) ::_exit(Fail("FCGX_Init failed"));
  ::signal(SIGTERM, SIG_DFL);  // libfcgi would make it a failure of accept
  ::_exit(Fail(kind.serve(listen_fd).ToString()));
}

base::Result<std::vector<base::UniqueFd>> Listen(const Kind& kind, char** first, char** last) {
  std::vector<base::UniqueFd> sockets;
  for (char** path = first; path != last; ++path) {
    auto fd = base::ListenUnix(*path, base::SocketKind::kStream, 0666, kBacklog);
    if (!fd.ok()) return fd.error();
    if (kind.blocking) ::fcntl(fd->get(), F_SETFL, ::fcntl(fd->get(), F_GETFL) & ~O_NONBLOCK);
    sockets.push_back(std::move(*fd));
  }
  return sockets;
}

}  // namespace

int main(int argc, char** argv) {
  const Kind* kind = argc > 3 ? FindKind(argv[1]) : nullptr;
  const int children = argc > 3 ? std::atoi(argv[2]) : 0;
  if (kind == nullptr || children < 1 || children > kMaxChildren) {
    return Fail("usage: latchkey-echo kept|epoll|blocking CHILDREN SOCKET...");
  }
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  RaiseDescriptorLimit();
  TuneLibfcgi();
  const auto sockets = Listen(*kind, argv + 3, argv + argc);
  if (!sockets.ok()) return Fail(sockets.error().ToString());
  for (int i = 0; i < children; ++i) {
    const auto& listener = (*sockets)[static_cast<std::size_t>(i) % sockets->size()];
    const pid_t pid = ::fork();
    if (pid < 0) return Fail("fork failed");
    if (pid == 0) RunChild(*kind, listener.get());
  }
  // Nothing is replaced: a child that ended says why, and ends the measurement.
  ::wait(nullptr);
  return 1;
}
