// The bodies of the ceilings' children. Each serves one listening socket until it is killed and
// returns only where something is wrong. Every request is read to its end and answered with the
// same 12 bytes. One thread a process. Source: docs/performance.md "The two ceilings".
#pragma once

#include "base/status.h"

namespace echo {

// K: one epoll over the listening socket and nginx's kept connections (`fastcgi_keep_conn on`).
// `listen_fd` is non-blocking.
base::Status ServeKept(int listen_fd);

// E, one connection a request, the epoll waiting for the next one. `listen_fd` is non-blocking.
base::Status ServeEpoll(int listen_fd);

// E, one connection a request, blocking in accept: what most FastCGI programs do. `listen_fd`
// blocks.
base::Status ServeBlocking(int listen_fd);

}  // namespace echo
